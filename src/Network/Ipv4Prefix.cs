using System.IO;
using System.Numerics;
using Azprovision.Run;

namespace Azprovision.Network;

/// <summary>A block of IPv4 addresses; bits behind the prefix are zero.</summary>
/// <param name="Address">in host order</param>
internal readonly record struct Ipv4Prefix(uint Address, int Length)
{
    internal uint Mask => MaskOf(Length);

    internal bool Contains(uint address) => (address & Mask) == Address;

    /// <summary>The block of that length around an address.</summary>
    internal static Ipv4Prefix Around(uint address, int length) => new(address & MaskOf(length), length);

    internal static int LengthOf(uint mask)
    {
        int length = BitOperations.LeadingZeroCount(~mask);
        return mask == MaskOf(length)
            ? length
            : throw new InvalidDataException($"'{Endpoint.TextOf(mask)}' is not a subnet mask");
    }

    public override string ToString() => $"{Endpoint.TextOf(Address)}/{Length}";

    // Shifting by 32 would shift by 0.
    private static uint MaskOf(int length) => length == 0 ? 0 : uint.MaxValue << (32 - length);
}
