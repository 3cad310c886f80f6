using System.IO;
using System.IO.Compression;
using System.Text;
using Azprovision.Settings;
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
        Assert.Equal(arguments, CustomDataScript.ArgumentsFor(Encoding.Latin1.GetBytes(text), File));

    [Theory]
    [InlineData("#!\n")]
    [InlineData("#!/bin/\0sh\n")]
    public void A_first_line_without_an_interpreter_is_none(string text) =>
        Assert.Null(CustomDataScript.ArgumentsFor(Encoding.Latin1.GetBytes(text), File));

    [Theory]
    [InlineData("#!/bin/sh\necho\n", "#!/bin/sh\necho\n")]
    [InlineData("\xEF\xBB\xBF#!/bin/sh\n", "#!/bin/sh\n")]
    [InlineData("  #!/bin/sh\n  echo\n", "#!/bin/sh\n  echo\n")]
    [InlineData("\r\n\n\t#!/bin/sh\n", "#!/bin/sh\n")]
    [InlineData("#!/bin/sh\r\necho \xFF\r\nexit\r\n", "#!/bin/sh\necho \xFF\nexit\n")]
    [InlineData("#!/bin/sh\nprintf 'a\r\n'\n", "#!/bin/sh\nprintf 'a\r\n'\n")]
    [InlineData("#cloud-config\n", null)]
    [InlineData("Content-Type: multipart/mixed\n\n#!/bin/sh\n", null)]
    [InlineData("\x1F\x8B\x08", null)]
    [InlineData("", null)]
    public void A_script_is_known_by_what_editors_and_templates_leave_of_it(string text, string? script)
    {
        Assert.Equal(script, Cleaned(Encoding.Latin1.GetBytes(text)));
        Assert.Equal(script, Cleaned(Packed(Encoding.Latin1.GetBytes(text))));
    }

    private static string? Cleaned(byte[] data) => CustomDataScript.Clean(data) is { } script ? Encoding.Latin1.GetString(script) : null;

    private static byte[] Packed(byte[] data)
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.SmallestSize))
        {
            gzip.Write(data);
        }

        return packed.ToArray();
    }
}
