using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Text;

namespace Azprovision.Tests.Platform;

/// <summary>Runs a program of the host to its end, within a limit, and keeps what it said.</summary>
public sealed record Tool(int ExitCode, string Output, string Errors)
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(10);

    /// <summary>Runs it whatever its exit code.</summary>
    public static Tool Try(string program, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.Latin1,
            StandardErrorEncoding = Encoding.UTF8,
        };
        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        var errors = new StringBuilder();
        process.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is not null)
            {
                errors.Append(line.Data).Append('\n');
            }
        };
        process.BeginErrorReadLine();
        string output = process.StandardOutput.ReadToEnd();
        if (!process.WaitForExit(s_limit))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} did not end within {s_limit.TotalSeconds} s");
        }

        process.WaitForExit();
        return new Tool(process.ExitCode, output, errors.ToString());
    }

    /// <summary>Runs it and gives its standard output; any exit code but 0 is an error.</summary>
    public static string Run(string program, params IEnumerable<string> arguments)
    {
        Tool tool = Try(program, arguments);
        return tool.ExitCode == 0
            ? tool.Output
            : throw new IOException($"{program}: exit code {tool.ExitCode}\n{tool.Errors}{tool.Output}");
    }
}
