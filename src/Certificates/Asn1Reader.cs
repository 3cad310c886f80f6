using System;
using System.Formats.Asn1;
using System.IO;
using System.Text;

namespace Azprovision.Certificates;

/// <summary>
/// One level of a BER structure (X.690), read field by field. The BCL finds where a value ends; whatever is not as
/// expected is an InvalidDataException that names the structure.
/// </summary>
internal ref struct Asn1Reader(ReadOnlySpan<byte> bytes, string what)
{
    private readonly string _what = what;
    private ReadOnlySpan<byte> _rest = bytes;

    internal readonly bool HasData => !_rest.IsEmpty;

    internal static Asn1Tag Context(int number, bool isConstructed = true) =>
        new(TagClass.ContextSpecific, number, isConstructed);

    internal readonly bool IsNext(Asn1Tag tag) =>
        Asn1Tag.TryDecode(_rest, out Asn1Tag next, out _) && next.HasSameClassAndValue(tag);

    internal Asn1Reader Sequence() => Inside(Asn1Tag.Sequence, "a sequence");

    internal Asn1Reader Set() => Inside(Asn1Tag.SetOf, "a set");

    /// <summary>What stands in an explicit tag, or a constructed value with an implicit one.</summary>
    internal Asn1Reader Tagged(int number) => Inside(Context(number), $"the tag {number}");

    internal ReadOnlySpan<byte> Integer() => Content(Asn1Tag.Integer, "an integer");

    /// <summary>An integer from 0 to 2^31 - 1.</summary>
    internal int Int32()
    {
        ReadOnlySpan<byte> bytes = Integer();
        long value = bytes.Length is 0 or > 5 ? -1 : (sbyte)bytes[0];
        for (int i = 1; i < bytes.Length && value >= 0; i++)
        {
            value = (value << 8) | bytes[i];
        }

        return value is >= 0 and <= int.MaxValue ? (int)value : throw Unexpected("a small number");
    }

    /// <summary>In its usual form, numbers with points between them.</summary>
    internal string ObjectId()
    {
        ReadOnlySpan<byte> bytes = Content(Asn1Tag.ObjectIdentifier, "an object identifier");
        var text = new StringBuilder();
        ulong number = 0;
        foreach (byte b in bytes)
        {
            if (number > ulong.MaxValue >> 8 || bytes.Length > 64)
            {
                throw Unexpected("an object identifier of usual size");
            }

            number = (number << 7) | (b & 0x7fu);
            if ((b & 0x80) == 0)
            {
                ulong first = Math.Min(number / 40, 2);
                text.Append(text.Length == 0 ? $"{first}.{number - (first * 40)}" : $".{number}");
                number = 0;
            }
        }

        return text.ToString();
    }

    /// <summary>The bits of a string of whole bytes.</summary>
    internal ReadOnlySpan<byte> BitString(Asn1Tag? tag = null)
    {
        ReadOnlySpan<byte> content = Content(tag ?? Asn1Tag.PrimitiveBitString, "a bit string");
        return content.Length > 0 && content[0] == 0 ? content[1..] : throw Unexpected("a bit string of whole bytes");
    }

    /// <summary>In one piece or, as BER allows, in several.</summary>
    internal byte[] OctetString(Asn1Tag? tag = null)
    {
        Asn1Tag expected = tag ?? Asn1Tag.PrimitiveOctetString;
        Require(expected, "an octet string");
        try
        {
            byte[] octets = AsnDecoder.ReadOctetString(_rest, AsnEncodingRules.BER, out int consumed, expected);
            _rest = _rest[consumed..];
            return octets;
        }
        catch (AsnContentException e)
        {
            throw new InvalidDataException($"{_what}: damaged octet string", e);
        }
    }

    /// <summary>The next value whole, whatever it is.</summary>
    internal ReadOnlySpan<byte> Value()
    {
        ReadOnlySpan<byte> all = _rest;
        Take();
        return all[..(all.Length - _rest.Length)];
    }

    internal readonly InvalidDataException Unexpected(string expected) => new($"{_what}: {expected} is expected");

    private Asn1Reader Inside(Asn1Tag tag, string expected) => new(Content(tag, expected), _what);

    private ReadOnlySpan<byte> Content(Asn1Tag tag, string expected)
    {
        Require(tag, expected);
        return Take();
    }

    private readonly void Require(Asn1Tag tag, string expected)
    {
        if (!IsNext(tag))
        {
            throw Unexpected(expected);
        }
    }

    private ReadOnlySpan<byte> Take()
    {
        try
        {
            AsnDecoder.ReadEncodedValue(
                _rest, AsnEncodingRules.BER, out int offset, out int length, out int consumed);
            ReadOnlySpan<byte> content = _rest.Slice(offset, length);
            _rest = _rest[consumed..];
            return content;
        }
        catch (AsnContentException e)
        {
            throw new InvalidDataException($"{_what}: cut short or damaged", e);
        }
    }
}
