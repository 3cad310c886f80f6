using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using System.Text;
using Azprovision.Native;
using Azprovision.Run;

namespace Azprovision.Network;

/// <summary>Asks one DNS server whether it has an IPv4 address for a name (RFC 1035, 4.1).</summary>
internal static class NameQuery
{
    private const int SizeOfHeader = 12;
    private const ushort Id = 0xA2;
    private const byte NameError = 3;

    private static readonly TimeSpan s_again = TimeSpan.FromSeconds(1);

    /// <summary>IOException or TimeoutException: it does not answer, or has no answer.</summary>
    internal static bool Resolves(Endpoint server, string name, Deadline deadline)
    {
        byte[] query = Encode(name);
        string peer = server.ToString();
        using Descriptor socket = Libc.OpenUdpSocket();
        Libc.BeginConnect(socket.Number, server.Address, server.Port, peer);
        byte[] answer = new byte[512];
        while (!deadline.IsOver)
        {
            _ = Libc.TrySend(socket.Number, query, peer);   // lost or not sent is the same
            Deadline soon = deadline.Within(s_again);
            while (!soon.IsOver)
            {
                if (Libc.Poll(socket.Number, Libc.POLLIN, soon.RemainingMilliseconds, peer)
                    && Libc.TryReceive(socket.Number, answer, peer) is { } count && Parse(answer.AsSpan(0, count)) is { } found)
                {
                    return found;
                }
            }
        }

        throw new TimeoutException($"DNS at '{peer}': no answer in time");
    }

    /// <summary>A query for the A records of a name; InvalidDataException when it can be none.</summary>
    internal static byte[] Encode(string name)
    {
        var query = new List<byte>();
        // id, flags: recursion desired, one question, nothing else
        query.AddRange((ReadOnlySpan<byte>)[0, (byte)Id, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
        foreach (string label in name.TrimEnd('.').Split('.'))
        {
            byte[] text = Encoding.UTF8.GetBytes(label);
            if (text.Length is 0 or > 63 || query.Count > 255)
            {
                throw new InvalidDataException($"'{name}' is not a name for DNS");
            }

            query.Add((byte)text.Length);
            query.AddRange(text);
        }

        query.AddRange((ReadOnlySpan<byte>)[0, 0, 1, 0, 1]);   // the root, type A, class IN
        return query.ToArray();
    }

    /// <summary>Whether there is an answer in it; null when it is no answer to our query.</summary>
    internal static bool? Parse(ReadOnlySpan<byte> answer)
    {
        if (answer.Length < SizeOfHeader || BinaryPrimitives.ReadUInt16BigEndian(answer) != Id || (answer[2] & 0x80) == 0)
        {
            return null;
        }

        int code = answer[3] & 0xF;
        return code is 0 or NameError
            ? code == 0 && BinaryPrimitives.ReadUInt16BigEndian(answer[6..]) > 0
            : throw new IOException($"DNS answers with code {code}");
    }
}
