using System;
using System.Globalization;

namespace Azprovision.Run;

/// <summary>An IPv4 address and a TCP port. A static binary has no resolver, so names are not taken ("localhost" is).</summary>
/// <param name="Address">in host order: 0xA83F8110 is 168.63.129.16</param>
internal sealed record Endpoint(uint Address, ushort Port)
{
    /// <summary>The platform's documented address, the same in all its regions.</summary>
    internal static Endpoint WireServer { get; } = new(0xA83F8110, 80);   // 168.63.129.16

    /// <summary>Parses ADDRESS[:PORT]; null when it is not an IPv4 address with an optional port of 1 to 65535.</summary>
    internal static Endpoint? TryParse(string text, ushort defaultPort)
    {
        string host = text;
        ushort port = defaultPort;
        int colon = text.LastIndexOf(':');
        if (colon >= 0)
        {
            host = text[..colon];
            if (!ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port)
                || port == 0)
            {
                return null;
            }
        }

        if (host == "localhost")
        {
            host = "127.0.0.1";
        }

        string[] parts = host.Split('.');
        uint address = 0;
        foreach (string part in parts)
        {
            if (!byte.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out byte value))
            {
                return null;
            }

            address = (address << 8) | value;
        }

        return parts.Length == 4 ? new Endpoint(address, port) : null;
    }

    /// <summary>An address as it is written: four decimal numbers.</summary>
    internal static string TextOf(uint address) =>
        $"{address >> 24}.{(address >> 16) & 0xFF}.{(address >> 8) & 0xFF}.{address & 0xFF}";

    public override string ToString() => $"{TextOf(Address)}:{Port}";
}
