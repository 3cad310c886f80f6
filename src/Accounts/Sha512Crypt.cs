using System;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Azprovision.Crypto;

namespace Azprovision.Accounts;

/// <summary>
/// The "$6$" password hash of crypt(5), after Ulrich Drepper's "Unix crypt using SHA-256 and SHA-512" (version 0.6), whose
/// steps the comments number.
/// </summary>
internal static class Sha512Crypt
{
    internal const int SaltLength = 16;
    internal const string Alphabet = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    private const string Prefix = "$6$";
    private const string RoundsPrefix = "rounds=";
    private const int DefaultRounds = 5000;
    private const int MinRounds = 1000;

    // crypt(5) allows 999,999,999, which would keep a machine from booting for minutes just to see what it has.
    private const int MaxRounds = 1_000_000;

    /// <summary>The hash for shadow(5), with the default number of rounds.</summary>
    internal static string Hash(ReadOnlySpan<byte> password, string salt) => Hash(password, salt, null);

    /// <summary>Whether this is the "$6$" hash of the password. Every other kind of hash is a no.</summary>
    internal static bool Matches(ReadOnlySpan<byte> password, string hash)
    {
        if (!hash.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return false;
        }

        ReadOnlySpan<char> rest = hash.AsSpan(Prefix.Length);
        int? rounds = null;
        if (rest.StartsWith(RoundsPrefix))
        {
            int dollar = rest.IndexOf('$');
            if (dollar < 0 || !uint.TryParse(
                rest[RoundsPrefix.Length..dollar], NumberStyles.None, CultureInfo.InvariantCulture, out uint count)
                || count > MaxRounds)
            {
                return false;
            }

            rounds = (int)Math.Max(count, MinRounds);
            rest = rest[(dollar + 1)..];
        }

        int end = rest.IndexOf('$');
        return end >= 0 && Hash(password, rest[..end].ToString(), rounds) == hash;
    }

    /// <param name="rounds">null: the default, which is then not written into the hash</param>
    internal static string Hash(ReadOnlySpan<byte> password, string salt, int? rounds)
    {
        string cutSalt = salt.Length > SaltLength ? salt[..SaltLength] : salt;
        string start = rounds is { } count
            ? string.Create(CultureInfo.InvariantCulture, $"{Prefix}{RoundsPrefix}{count}${cutSalt}$")
            : $"{Prefix}{cutSalt}$";
        byte[] digest = Digest(password, Encoding.Latin1.GetBytes(cutSalt), rounds ?? DefaultRounds);
        return start + Encode(digest);
    }

    private static byte[] Digest(ReadOnlySpan<byte> password, byte[] salt, int rounds)
    {
        var hash = new Sha512();
        byte[] digest = new byte[hash.DigestSize];

        // 4 to 8: digest B
        hash.Append(password);
        hash.Append(salt);
        hash.Append(password);
        hash.Finish(digest);

        // 1 to 12: digest A
        hash.Append(password);
        hash.Append(salt);
        AppendRepeated(hash, digest, password.Length);
        for (int bits = password.Length; bits > 0; bits >>= 1)
        {
            hash.Append((bits & 1) != 0 ? digest : password);
        }

        byte[] result = new byte[hash.DigestSize];
        hash.Finish(result);

        // 13 to 16: digest DP and the sequence P
        for (int i = 0; i < password.Length; i++)
        {
            hash.Append(password);
        }

        hash.Finish(digest);
        byte[] p = Repeat(digest, password.Length);

        // 17 to 20: digest DS and the sequence S
        for (int i = 0; i < 16 + result[0]; i++)
        {
            hash.Append(salt);
        }

        hash.Finish(digest);
        Stretch(hash, result, p, Repeat(digest, salt.Length), rounds);
        return result;
    }

    // 21
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Stretch(Sha512 hash, byte[] result, byte[] p, byte[] s, int rounds)
    {
        for (int round = 0; round < rounds; round++)
        {
            bool odd = (round & 1) != 0;
            hash.Append(odd ? p : result);
            if (round % 3 != 0)
            {
                hash.Append(s);
            }

            if (round % 7 != 0)
            {
                hash.Append(p);
            }

            hash.Append(odd ? result : p);
            hash.Finish(result);
        }
    }

    private static void AppendRepeated(Sha512 hash, byte[] digest, int length)
    {
        for (; length > digest.Length; length -= digest.Length)
        {
            hash.Append(digest);
        }

        hash.Append(digest.AsSpan(0, length));
    }

    private static byte[] Repeat(byte[] digest, int length)
    {
        byte[] sequence = new byte[length];
        for (int i = 0; i < length; i++)
        {
            sequence[i] = digest[i % digest.Length];
        }

        return sequence;
    }

    // 22: bytes i, i + 21 and i + 42, rotated by one place each time, make four characters, the low six bits first.
    private static string Encode(byte[] digest)
    {
        const int Third = 21;
        var text = new StringBuilder(86);
        for (int i = 0; i < Third; i++)
        {
            (int high, int middle, int low) = (i % 3) switch
            {
                0 => (i, i + Third, i + (2 * Third)),
                1 => (i + Third, i + (2 * Third), i),
                _ => (i + (2 * Third), i, i + Third),
            };
            AppendDigits(text, (digest[high] << 16) | (digest[middle] << 8) | digest[low], 4);
        }

        AppendDigits(text, digest[63], 2);
        return text.ToString();
    }

    private static void AppendDigits(StringBuilder text, int bits, int count)
    {
        for (int i = 0; i < count; i++)
        {
            text.Append(Alphabet[(bits >> (6 * i)) & 0x3F]);
        }
    }
}
