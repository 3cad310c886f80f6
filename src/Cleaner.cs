using System.Collections.Generic;
using System.Text;
using Azprovision.Accounts;
using Azprovision.Clean;
using Azprovision.Configuration;
using Azprovision.Files;
using Azprovision.Native;
using Azprovision.Run;
using Azprovision.Settings;
using Azprovision.Spec;

namespace Azprovision;

/// <summary>The command "clean": lists what goes, asks, and makes it so.</summary>
internal sealed class Cleaner(Host host, Options options)
{
    internal int Run()
    {
        if (options.Problem is { } problem)
        {
            throw problem;
        }

        if (!Libc.IsRoot && !options.DryRun)
        {
            throw new ProvisioningException(Failure.NotRoot, "clean must be run by root (only --dry-run needs no rights)");
        }

        if (!options.DryRun)
        {
            RunLock.Take(host);
        }

        if (!Libc.IsRoot)
        {
            host.Log.Warning("not run by root: what only root can read is missing from the list");
        }

        var state = new State(options.State);
        UserSpec? user = options.User ? TryFindUser(state) : null;

        using Descriptor? accounts = user is null || options.DryRun ? null : AccountLock.Take(host.Files, host.Deadline);
        using var first = new PlannedRoot(host.Files) { Warn = host.Log.Warning, Note = host.Log.Debug };
        using var plan = new PlannedRoot(host.Files) { Warn = host.Log.Warning, Note = host.Log.Debug };
        ImageCleaning.Plan(first, plan, state, user);
        List<Change> changes = [.. first.Changes, .. plan.Changes];
        Print(List(changes));
        if (!options.DryRun && changes.Count > 0)
        {
            if (!options.IsForcedByHand)
            {
                Ask();
            }

            Commit.Run(first);
            Commit.Run(plan);
        }

        return 0;
    }

    /// <summary>The user that goes too, or null, which is told.</summary>
    private UserSpec? TryFindUser(State state)
    {
        try
        {
            if (MachineRecord.TryRead(host.Files, state) is { MadeUser: true } record)
            {
                return record.Spec.User;
            }

            host.Log.Warning("no user of this root was made by azprovision, so none is removed");
        }
        catch (SyscallException e) when (e.Errno == Errno.EACCES && options.DryRun)
        {
            host.Log.Warning($"{e.Message}: only root can tell which user goes");
        }

        return null;
    }

    /// <summary>A line for each change; of what is in a directory that goes, nothing more is said.</summary>
    private static string List(IReadOnlyList<Change> changes)
    {
        var directories = new HashSet<Entry>();
        foreach (Change change in changes)
        {
            if (change is RemoveDirectory directory)
            {
                directories.Add(directory.Entry);
            }
        }

        var text = new StringBuilder();
        foreach (Change change in changes)
        {
            if (change is not FileChange { Entry.Parent: { } parent } || !directories.Contains(parent))
            {
                string end = change is RemoveDirectory ? "/" : "";
                text.Append($"{change.Action} {Printable.Of(change.Path)}{end}\n");
            }
        }

        return text.Length > 0 ? text.ToString() : "there is nothing to clean\n";
    }

    private static void Ask()
    {
        const string Unasked = "clean: not confirmed, nothing was changed";
        if (!Libc.IsTerminal(0))
        {
            throw new ProvisioningException(Failure.Usage, $"{Unasked} (there is no terminal to ask on, see --force)");
        }

        Print("Do this? [y/N] ");
        byte[] answer = new byte[80];
        int length = Libc.Read(0, answer, "standard input");
        if (Encoding.ASCII.GetString(answer, 0, length).Trim() is not ("y" or "Y" or "yes"))
        {
            throw new ProvisioningException(Failure.Usage, Unasked);
        }
    }

    private static void Print(string text) => Libc.WriteAll(1, Encoding.UTF8.GetBytes(text), "standard output");
}
