using System;
using System.IO;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Threading;

namespace Azprovision.Tests.Platform;

/// <summary>A wire server and IMDS to provision against; --help has the rest.</summary>
internal static class Program
{
    private const string Help = """
        Usage: platform [--listen ADDRESS:PORT] [--imds ADDRESS:PORT] [--log FILE] [--script FILE-OR-WORDS]

        Plays Azure: a wire server (and IMDS, at the same address) that gives a goal state and takes health reports. Its
        first line is the address it listens on, with --imds the second is that of IMDS; the others are what it was asked
        and told. It ends at Ctrl-C.

          --listen   where (a free port of 127.0.0.1)
          --imds     IMDS also there
          --log      add to this file what it was asked and told
          --script   be less healthy: PART=ANSWER,ANSWER,... with blanks between them. A part gets its answers in
                     turn, the last one again and again.
                       parts    versions goalstate health json imds config
                       answers  a status (503), or one with Retry-After (503/2); close reset silence half garbage
                                slow chunked huge; stale, full (goal states)

        An example: platform --listen 127.0.0.1:8080 --script "goalstate=503,200 health=410,200"
        tests/Demo/demo.sh (make run) shows it at work.
        """;

    private static int Main(string[] args)
    {
        if (args is ["--help" or "-h", ..])
        {
            Console.WriteLine(Help);
            return 0;
        }

        try
        {
            return Run(args);
        }
        catch (Exception e) when (e is FormatException or SocketException or IOException)
        {
            Console.Error.WriteLine($"platform: {e.Message}");
            return 2;
        }
    }

    private static int Run(string[] args)
    {
        IPEndPoint? listen = null;
        IPEndPoint? imds = null;
        string script = "";
        TextWriter log = TextWriter.Null;
        for (int at = 0; at < args.Length; at += 2)
        {
            string? value = at + 1 < args.Length ? args[at + 1] : null;
            switch (args[at], value)
            {
                case ("--listen", { } text):
                    listen = IPEndPoint.Parse(text);
                    break;
                case ("--imds", { } text):
                    imds = IPEndPoint.Parse(text);
                    break;
                case ("--log", { } path):
                    log = new StreamWriter(path, append: true) { AutoFlush = true };
                    break;
                case ("--script", { } text):
                    script = File.Exists(text) ? File.ReadAllText(text) : text;
                    break;
                default:
                    throw new FormatException(value is null
                        ? $"'{args[at]}' needs a value, or is unknown; --help lists all"
                        : $"unknown option '{args[at]}'; --help lists all");
            }
        }

        using var ended = new ManualResetEventSlim();
        using PosixSignalRegistration term = EndOn(PosixSignal.SIGTERM, ended);
        using PosixSignalRegistration interrupt = EndOn(PosixSignal.SIGINT, ended);
        using (log)
        using (ScriptedServer server = AzurePlatform.Play(new ScriptedServer(listen, request => Write(request, log)), script))
        using (ScriptedServer? other = imds is null ? null : new ScriptedServer(imds, request => Write(request, log)))
        {
            Console.WriteLine(server.EndPoint);
            if (other is not null)
            {
                AzurePlatform.Play(other, script);
                Console.WriteLine($"IMDS {other.EndPoint}");
            }

            ended.Wait();
        }

        return 0;
    }

    private static PosixSignalRegistration EndOn(PosixSignal signal, ManualResetEventSlim ended) =>
        PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = true;
            ended.Set();
        });

    private static void Write(ReceivedRequest request, TextWriter log)
    {
        string text = request.Body.Length == 0 ? request.Line : $"{request.Line}\n{request.Text.TrimEnd()}";
        lock (Console.Out)
        {
            Console.WriteLine(text);
            log.WriteLine(text);
        }
    }
}
