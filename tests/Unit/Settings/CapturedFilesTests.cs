using System;
using System.Text;
using Azprovision.Media;
using Azprovision.Settings;
using Azprovision.Spec;
using Azprovision.Tests.Unit.Support;
using Xunit;

namespace Azprovision.Tests.Unit.Settings;

/// <summary>What the image has from the VM that it was captured from.</summary>
public sealed class CapturedFilesTests : IDisposable
{
    private const string Ours = "/var/lib/azprovision";
    private const string Agents = "/var/lib/waagent";

    private readonly TempRoot _root = new();
    private readonly Planned _planned;

    public CapturedFilesTests() => _planned = new Planned(_root);

    public void Dispose() => _root.Dispose();

    [Theory]
    [InlineData(null, null, "remove custom-data", "remove user-data")]
    [InlineData("new", "new", "replace custom-data", "remove user-data")]
    [InlineData(null, "new", "remove custom-data", "replace user-data")]
    public void Data_of_another_VM_go(string? customData, string? userData, params string[] changes)
    {
        _root.With($"{Ours}/custom-data", "theirs").With($"{Ours}/user-data", "theirs").WithMode(Ours, (System.IO.UnixFileMode)0x1C0);
        CustomDataFile.Plan(_planned.Root, new State(Ours), SecretOf(customData), SecretOf(userData));
        Assert.Equal(changes, Array.FindAll(
            Array.ConvertAll(_planned.Lines(), line => string.Join(' ', line.Split(' ')[..2]).Replace($"{Ours}/", "", StringComparison.Ordinal)),
            line => !line.Contains('/', StringComparison.Ordinal)));
    }

    [Fact]
    public void What_the_agent_would_take_for_this_VMs_goes()
    {
        _root.With($"{Agents}/CustomData", "x").With($"{Agents}/disable_agent", "").With($"{Agents}/ovf-env.xml", "x")
            .With($"{Ours}/ovf-env.xml", "x");
        var imds = new ImdsInstance("id", "heron", "linus", null, [], null, null, null, IsWhole: true);
        MachineSpec spec = MachineSpec.From("id", null, imds);
        WaagentFiles.Plan(_planned.Root, spec);
        new State(Ours).PlanCopy(_planned.Root, spec);
        Assert.Equal(
            [$"remove {Agents}/CustomData", $"remove {Agents}/disable_agent", $"remove {Ours}/ovf-env.xml"],
            Array.FindAll(_planned.Lines(), line => line.StartsWith("remove", StringComparison.Ordinal)));
        OvfEnvironment made = OvfXml.Parse(Encoding.UTF8.GetBytes(_planned.Content($"{Agents}/ovf-env.xml")!));
        Assert.Equal(("heron", "linus", false, true),
            (made.HostName, made.UserName, made.DisableSshPasswordAuthentication, made.ProvisionGuestAgent));
    }

    private static Secret? SecretOf(string? text) => text is null ? null : new Secret(Encoding.ASCII.GetBytes(text));
}
