namespace Azprovision.Network;

/// <summary>The value of option 53 (RFC 2132 9.6), those that are used here.</summary>
internal enum DhcpMessageType : byte
{
    Discover = 1,
    Offer = 2,
    Request = 3,
    Ack = 5,
    Nak = 6,
}
