namespace Azprovision.Tests.Platform;

/// <summary>What the command lines of all QEMU guests here have in common.</summary>
public static class Qemu
{
    /// <summary>The program and its first arguments: a machine with nothing in it, told by nobody's configuration.</summary>
    /// <param name="type">with its accelerator, as in -machine</param>
    public static string[] Machine(bool isArm64, string type, string processor) =>
    [
        isArm64 ? "qemu-system-aarch64" : "qemu-system-x86_64", "-machine", type, "-cpu", processor,
        "-nodefaults", "-no-user-config", "-display", "none",
    ];

    /// <summary>What makes a guest take it for Azure: maker, product and the chassis' asset tag; and which VM it is.</summary>
    public static string[] Identity(string vmId) =>
    [
        "-smbios", $"type=1,manufacturer=Microsoft Corporation,product=Virtual Machine,uuid={vmId}",
        "-smbios", "type=3,asset=7783-7084-3265-9085-8269-3286-77",
    ];
}
