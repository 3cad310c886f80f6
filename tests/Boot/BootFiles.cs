namespace Azprovision.Tests.Boot;

/// <summary>What a machine is started from; the disk is copied for it.</summary>
internal sealed record BootFiles(string Kernel, string Initramfs, string RootDisk);
