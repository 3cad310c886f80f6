namespace Azprovision.Network;

/// <summary>A route of a lease.</summary>
/// <param name="Gateway">null: the destination is on the link itself</param>
internal sealed record LeaseRoute(Ipv4Prefix Destination, uint? Gateway);
