
namespace Azprovision.Network;

/// <summary>An option of DHCP by its number (RFC 2132), all parts of a long one joined (RFC 3396).</summary>
internal sealed record DhcpOption(byte Code, byte[] Value)
{
    internal const byte SubnetMask = 1;
    internal const byte Router = 3;
    internal const byte HostName = 12;
    internal const byte Mtu = 26;
    internal const byte RequestedAddress = 50;
    internal const byte LeaseTime = 51;
    internal const byte Overload = 52;
    internal const byte MessageType = 53;
    internal const byte ServerIdentifier = 54;
    internal const byte ParameterRequestList = 55;
    internal const byte Message = 56;
    internal const byte ClientIdentifier = 61;
    internal const byte ClasslessRoutes = 121;            // RFC 3442
    internal const byte WireServer = 245;                 // Azure's own
    internal const byte MicrosoftClasslessRoutes = 249;   // as 121, from before there was an RFC
}
