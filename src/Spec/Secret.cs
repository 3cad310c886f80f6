using System;
using System.Text;

namespace Azprovision.Spec;

/// <summary>Bytes that must not be shown (password, custom data, private key): whatever prints this prints "(secret)".</summary>
internal sealed class Secret(byte[] bytes)
{
    internal int Length => bytes.Length;

    internal static Secret FromText(string text) => new(Encoding.UTF8.GetBytes(text));

    /// <summary>The bytes themselves, for the one place that writes or hashes them.</summary>
    internal ReadOnlySpan<byte> Reveal() => bytes;

    /// <summary>When nobody needs it any more.</summary>
    internal void Wipe() => bytes.AsSpan().Clear();

    public override string ToString() => "(secret)";
}
