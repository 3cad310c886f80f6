using Azprovision.Settings;
using Azprovision.Spec;
using Xunit;

namespace Azprovision.Tests.Unit.Settings;

public class CustomDataScriptTests
{
    private const string File = "/var/lib/azprovision/custom-data";

    [Theory]
    [InlineData("#!/bin/sh\necho\n", "/bin/sh", File)]
    [InlineData("#!/bin/sh -e\n", "/bin/sh", "-e", File)]
    [InlineData("#! /usr/bin/env  python3 -u \r\n", "/usr/bin/env", "python3 -u", File)]
    [InlineData("#!/bin/sh", "/bin/sh", File)]
    public void The_first_line_names_interpreter_and_one_argument(string text, params string[] arguments) =>
        Assert.Equal(arguments, CustomDataScript.ArgumentsFor(Secret.FromText(text)));

    [Theory]
    [InlineData("#cloud-config\n")]
    [InlineData("#!\n")]
    [InlineData(" #!/bin/sh\n")]
    [InlineData("#!/bin/\0sh\n")]
    [InlineData("")]
    public void Anything_else_is_no_script(string text) => Assert.Null(CustomDataScript.ArgumentsFor(Secret.FromText(text)));
}
