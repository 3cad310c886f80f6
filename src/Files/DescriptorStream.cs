using System;
using System.IO;
using Azprovision.Native;

namespace Azprovision.Files;

/// <summary>
/// Reads an open file or block device by pread(2). It owns the descriptor. (FileStream would link the BCL's file layer and
/// its file locks.)
/// </summary>
internal sealed class DescriptorStream(Descriptor descriptor, string subject) : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length { get; } = Libc.LengthOf(descriptor.Number, subject);

    public override long Position { get; set; }

    public override int Read(Span<byte> buffer)
    {
        int count = Libc.ReadAt(descriptor.Number, buffer, Position, subject);
        Position += count;
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => Position + offset,
        SeekOrigin.End => Length + offset,
        _ => throw new ArgumentOutOfRangeException(nameof(origin)),
    };

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        descriptor.Dispose();
        base.Dispose(disposing);
    }
}
