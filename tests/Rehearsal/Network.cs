using Azprovision.Tests.Platform;

namespace Azprovision.Tests.Rehearsal;

/// <summary>A virtual network as Azure has them, in the network namespace of this process: one host that is all there is.</summary>
internal static class Network
{
    internal const string Tap = "azure0";
    internal const string WireServer = "168.63.129.16";
    internal const string Metadata = "169.254.169.254";

    /// <summary>The first one that Azure gives away in a subnet.</summary>
    internal const string Guest = "10.0.0.4";

    internal const string Gateway = "10.0.0.1";

    internal static void Make()
    {
        Ip("link", "set", "lo", "up");
        Ip("address", "add", $"{WireServer}/32", "dev", "lo");
        Ip("address", "add", $"{Metadata}/32", "dev", "lo");
        Ip("tuntap", "add", "dev", Tap, "mode", "tap");
        Ip("address", "add", $"{Gateway}/24", "dev", Tap);
        Ip("link", "set", Tap, "up");
    }

    private static void Ip(params string[] arguments) => Tool.Run("ip", arguments);
}
