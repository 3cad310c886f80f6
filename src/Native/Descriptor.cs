using System;

namespace Azprovision.Native;

/// <summary>An open file descriptor, closed once. (SafeFileHandle would link the BCL's whole file layer.)</summary>
internal sealed class Descriptor(int number) : IDisposable
{
    private int _number = number;

    internal int Number => _number >= 0 ? _number : throw new ObjectDisposedException(nameof(Descriptor));

    public void Dispose()
    {
        if (_number >= 0)
        {
            Libc.Close(_number);
            _number = -1;
        }
    }
}
