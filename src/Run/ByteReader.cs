using System;
using System.Buffers.Binary;
using System.IO;

namespace Azprovision.Run;

/// <summary>
/// Reads fields from bytes that came from outside. Every read checks the length first and throws InvalidDataException,
/// with the name of the structure and the place, when the bytes end too early.
/// </summary>
internal ref struct ByteReader(ReadOnlySpan<byte> bytes, string what)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private readonly string _what = what;

    internal int Position { get; private set; }

    internal readonly int Remaining => _bytes.Length - Position;

    internal byte Byte() => Bytes(1)[0];

    internal ushort UInt16LittleEndian() => BinaryPrimitives.ReadUInt16LittleEndian(Bytes(2));

    internal uint UInt32LittleEndian() => BinaryPrimitives.ReadUInt32LittleEndian(Bytes(4));

    internal ulong UInt64LittleEndian() => BinaryPrimitives.ReadUInt64LittleEndian(Bytes(8));

    internal ushort UInt16BigEndian() => BinaryPrimitives.ReadUInt16BigEndian(Bytes(2));

    internal uint UInt32BigEndian() => BinaryPrimitives.ReadUInt32BigEndian(Bytes(4));

    internal ReadOnlySpan<byte> Bytes(long count)
    {
        if (count < 0 || count > Remaining)
        {
            throw new InvalidDataException(
                $"{_what}: {count} bytes are needed at byte {Position}, {Remaining} are left");
        }

        ReadOnlySpan<byte> field = _bytes.Slice(Position, (int)count);
        Position += (int)count;
        return field;
    }

    internal void Skip(long count) => Bytes(count);

    internal void Seek(long position)
    {
        if (position < 0 || position > _bytes.Length)
        {
            throw new InvalidDataException($"{_what}: no byte {position} in {_bytes.Length} bytes");
        }

        Position = (int)position;
    }
}
