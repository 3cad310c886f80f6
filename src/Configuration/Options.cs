using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using Azprovision.Files;
using Azprovision.Run;
using Azprovision.Spec;

namespace Azprovision.Configuration;

/// <summary>
/// What the command line, the kernel's command line and the root's files (<see cref="ConfigurationFiles"/>) ask for.
/// Each option has one name in all three places; a flag wins over a kernel argument, that over the files.
/// </summary>
internal sealed partial record Options
{
    private const ushort HttpPort = 80;
    private const int MaxSwap = 1 << 20;
    private const int MaxSeconds = 7 * 24 * 3600;

    private static readonly TimeSpan s_lastWord = TimeSpan.FromSeconds(10);

    internal string Root { get; private init; } = "/";

    /// <summary>Null: search for a DVD.</summary>
    internal string? Media { get; private init; }

    internal TimeSpan MediaWait { get; private init; } = TimeSpan.FromSeconds(10);

    /// <summary>Null: option 245 of our own lease, else the documented address.</summary>
    internal Endpoint? WireServer { get; private init; }

    /// <summary>Null: never asked.</summary>
    internal Endpoint? Imds { get; private init; } = new(0xA9FEA9FE, HttpPort);   // 169.254.169.254

    /// <summary>A dry run, which asks nobody unless a flag names IMDS: what that might add is not known.</summary>
    internal bool LeavesImdsOut { get; private init; }

    /// <summary>Bring the network up for the time of the run when there is no route to the wire server.</summary>
    internal bool MayMakeNetwork { get; private init; } = true;

    internal bool KeepNetwork { get; private init; }

    internal Steps Only { get; private init; } = Steps.All;

    internal Steps Skip { get; private init; }

    internal IReadOnlyList<string> Groups { get; private init; } = [];

    internal SudoPolicy Sudo { get; private init; }

    internal HostKeyPolicy HostKeys { get; private init; }

    internal bool RunCustomData { get; private init; }

    /// <summary>Ask IMDS for user data when there are no custom data, also beside media that say all else.</summary>
    internal bool UserData { get; private init; }

    internal bool AllowNoLogin { get; private init; }

    /// <summary>Where the temporary disk is mounted; null: it is left alone.</summary>
    internal string? ResourceDisk { get; private init; }

    internal int SwapMebibytes { get; private init; }

    internal bool ReportHostKey { get; private init; } = true;

    /// <summary>Fetch what the platform has of certificates, and not only when a key is known by one.</summary>
    internal bool Certificates { get; private init; }

    /// <summary>Where marker, record and custom data are, below the root.</summary>
    internal string State { get; private init; } = "/var/lib/azprovision";

    internal bool WaagentFiles { get; private init; }

    internal TimeSpan Timeout { get; private init; } = TimeSpan.FromSeconds(300);

    /// <summary>What of the timeout is kept for the report of a failure, which may be that the rest was not enough.</summary>
    internal TimeSpan LastWord => Timeout / 4 < s_lastWord ? Timeout / 4 : s_lastWord;

    internal string LogTo { get; private init; } = "stderr";

    internal bool DryRun { get; private init; }

    internal bool Force { get; private init; }

    /// <summary>By a flag: what a file says is not what somebody has decided just now.</summary>
    internal bool IsForcedByHand { get; private init; }

    internal bool Json { get; private init; }

    /// <summary>Clean removes the user too.</summary>
    internal bool User { get; private init; }

    /// <summary>Status waits for a run to end, or to begin.</summary>
    internal bool Wait { get; private init; }

    /// <summary>
    /// The first mistake in the configuration files, whose other lines hold: a run reports it and ends. Null: there is none.
    /// </summary>
    internal ProvisioningException? Problem { get; private init; }

    internal LogLevel LogLevel { get; private init; } = LogLevel.Info;

    internal Steps Steps => Only & ~Skip;

    /// <summary>What the platform's media or IMDS say is asked for by all steps but these.</summary>
    internal bool NeedsData => (Steps & ~(Steps.System | Steps.ResourceDisk | Steps.Report)) != Steps.None;

    /// <summary>A part of the work was asked for, without the report: the machine is not provisioned by that.</summary>
    internal bool IsPartial => !Only.HasFlag(Steps.Report);

    /// <summary>For where a mistake changes nothing.</summary>
    internal void WarnOfProblem(Log log)
    {
        if (Problem is { } problem)
        {
            log.Warning(problem.Message);
        }
    }

    /// <summary>The world as these options see it; the time of the run begins now.</summary>
    internal Host ToHost(SystemRoot root, SystemRoot kernel, Log log) => new(
        root,
        kernel,
        "/dev",
        WireServer ?? Endpoint.WireServer,
        TimeProvider.System,
        Deadline.After(Timeout - LastWord, TimeProvider.System),
        Deadline.After(Timeout, TimeProvider.System),
        log);

    /// <summary>All settings in the order of their weight, the strongest last. A mistake in a flag is an exception.</summary>
    /// <param name="warn">
    /// takes what is wrong with a kernel argument, which must not stop a machine from booting, and what else is wrong with the
    /// files than <see cref="Problem"/>
    /// </param>
    internal static Options From(
        IReadOnlyList<Setting> file, IReadOnlyList<Setting> kernel, IReadOnlyList<Setting> flags, Action<string> warn)
    {
        Options options = FromFiles(file, warn);
        foreach (Setting setting in kernel)
        {
            try
            {
                Options next = IsForFlagsAlone(setting) ? throw setting.Misplaced() : options.With(setting);
                options = next.Steps == Steps.None ? throw setting.Bad("leaves no step to run") : next;
            }
            catch (InvalidDataException e)
            {
                warn($"{e.Message}, ignoring");
            }
        }

        bool namesImds = false;
        foreach (Setting setting in flags)
        {
            options = options.With(setting);
            namesImds |= setting.Name == "imds";
            options = setting.Name == "force" ? options with { IsForcedByHand = options.Force } : options;
        }

        // On a build machine in the cloud it would describe that one.
        options = options.DryRun && !namesImds ? options with { Imds = null, LeavesImdsOut = true } : options;
        return options.Steps == Steps.None
            ? throw new InvalidDataException("--only and --skip together leave no step to run")
            : options;
    }

    private static Options FromFiles(IReadOnlyList<Setting> settings, Action<string> warn)
    {
        var options = new Options();
        var mistakes = new List<string>();
        Setting? ofSteps = null;
        foreach (Setting setting in settings)
        {
            try
            {
                options = IsForFlagsAlone(setting) || setting.Name == "root" ? throw setting.Misplaced() : options.With(setting);
                ofSteps = setting.Name is "only" or "skip" ? setting : ofSteps;
            }
            catch (InvalidDataException e)
            {
                mistakes.Add(e.Message);
            }
        }

        if (options.Steps == Steps.None)
        {
            mistakes.Add(ofSteps!.Bad("leaves no step to run").Message);
            options = options with { Only = Steps.All, Skip = Steps.None };   // the report of this is one
        }

        for (int i = 1; i < mistakes.Count; i++)
        {
            warn(mistakes[i]);
        }

        return mistakes.Count == 0 ? options : options with { Problem = new ProvisioningException(Failure.Usage, mistakes[0]) };
    }

    // What somebody decides who is there, for one command.
    private static bool IsForFlagsAlone(Setting setting) => setting.Name is "user" or "json" or "wait";

    private Options With(Setting setting) => setting.Name switch
    {
        "root" => this with { Root = setting.NonEmpty },
        "media" => this with { Media = setting.NonEmpty },
        "media-wait" => this with { MediaWait = Seconds(setting, 0) },
        "wireserver" => this with { WireServer = EndpointOf(setting) },
        "imds" => this with { Imds = setting.Value == "none" ? null : EndpointOf(setting) },
        "network" => this with { MayMakeNetwork = IsAuto(setting) },
        "keep-network" => this with { KeepNetwork = YesOrNo(setting) },
        "only" => this with { Only = StepsOf(setting) },
        "skip" => this with { Skip = StepsOf(setting) },
        "groups" => this with { Groups = Words(setting.Value ?? setting.NonEmpty) },
        "sudo" => this with { Sudo = SudoOf(setting) },
        "host-keys" => this with { HostKeys = HostKeysOf(setting) },
        "run-custom-data" => this with { RunCustomData = YesOrNo(setting) },
        "user-data" => this with { UserData = YesOrNo(setting) },
        "allow-no-login" => this with { AllowNoLogin = YesOrNo(setting) },
        "resource-disk" => this with { ResourceDisk = setting.Value == "none" ? null : DirectoryPath(setting) },
        "swap" => this with { SwapMebibytes = Mebibytes(setting) },
        "report-host-key" => this with { ReportHostKey = YesOrNo(setting) },
        "certificates" => this with { Certificates = YesOrNo(setting) },
        "state" => this with { State = DirectoryPath(setting) },
        "waagent-files" => this with { WaagentFiles = YesOrNo(setting) },
        "timeout" => this with { Timeout = Seconds(setting, 1) },
        "log" => this with { LogTo = LogTargetsOf(setting) },
        "dry-run" => this with { DryRun = YesOrNo(setting) },
        "force" => this with { Force = YesOrNo(setting) },
        "json" => this with { Json = YesOrNo(setting) },
        "user" => this with { User = YesOrNo(setting) },
        "wait" => this with { Wait = YesOrNo(setting) },
        "verbose" => WithLogLevel(setting, LogLevel.Debug),
        "quiet" => WithLogLevel(setting, LogLevel.Error),
        _ => throw setting.Unknown(),
    };

    // "no" takes back what the same name has asked for, and nothing else.
    private Options WithLogLevel(Setting setting, LogLevel level) =>
        this with { LogLevel = YesOrNo(setting) ? level : LogLevel == level ? LogLevel.Info : LogLevel };

    private static TimeSpan Seconds(Setting setting, int least) =>
        int.TryParse(setting.Value, NumberStyles.None, CultureInfo.InvariantCulture, out int seconds)
            && seconds >= least && seconds <= MaxSeconds
            ? TimeSpan.FromSeconds(seconds)
            : throw setting.Bad($"is not a number of seconds from {least} to {MaxSeconds}");

    private static int Mebibytes(Setting setting) =>
        int.TryParse(setting.Value, NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count <= MaxSwap
            ? count
            : throw setting.Bad($"is not a number of MiB from 0 to {MaxSwap}");

    private static string DirectoryPath(Setting setting)
    {
        string path = setting.NonEmpty.TrimEnd('/');
        return path.StartsWith('/') && !Array.Exists(path.ToCharArray(), char.IsControl)
            ? path
            : throw setting.Bad("is not an absolute path of a directory below '/'");
    }

    private static Endpoint EndpointOf(Setting setting) =>
        Endpoint.TryParse(setting.NonEmpty, HttpPort)
        ?? throw setting.Bad("is not an IPv4 address with an optional :PORT");

    private static bool IsAuto(Setting setting) => setting.Value switch
    {
        "auto" => true,
        "off" => false,
        _ => throw setting.Bad("is neither 'auto' nor 'off'"),
    };

    private static bool YesOrNo(Setting setting) => setting.Value switch
    {
        null or "yes" or "true" or "on" or "1" => true,
        "no" or "false" or "off" or "0" => false,
        _ => throw setting.Bad("is neither 'yes' nor 'no'"),
    };

    private static SudoPolicy SudoOf(Setting setting) => setting.Value switch
    {
        "auto" => SudoPolicy.Auto,
        "nopasswd" => SudoPolicy.NoPassword,
        "password" => SudoPolicy.Password,
        "none" => SudoPolicy.None,
        _ => throw setting.Bad("is none of auto, nopasswd, password, none"),
    };

    private static HostKeyPolicy HostKeysOf(Setting setting) => setting.Value switch
    {
        "auto" => HostKeyPolicy.Auto,
        "keep" => HostKeyPolicy.Keep,
        "generate" => HostKeyPolicy.Generate,
        _ => throw setting.Bad("is none of auto, keep, generate"),
    };

    private static Steps StepsOf(Setting setting)
    {
        var steps = Steps.None;
        foreach (string word in Words(setting.NonEmpty))
        {
            steps |= StepNames.TryParse(word)
                ?? throw setting.Bad($"has the step '{Printable.Of(word)}', which is none of {StepNames.All}");
        }

        return steps == Steps.None ? throw setting.Bad("names no step") : steps;
    }

    // What looks like a place and is none would be a file that nobody looks for.
    private static string LogTargetsOf(Setting setting)
    {
        string[] targets = Words(setting.NonEmpty);
        foreach (string target in targets)
        {
            if (target is not ("stderr" or "kmsg") && target[0] != '/')
            {
                throw setting.Bad($"has '{Printable.Of(target)}', which is none of stderr, kmsg, /FILE");
            }
        }

        return targets.Length == 0 ? throw setting.Bad("names no place") : setting.NonEmpty;
    }

    private static string[] Words(string list) =>
        list.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
