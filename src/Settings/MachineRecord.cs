using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Text;
using Azprovision.Files;
using Azprovision.Native;
using Azprovision.Spec;

namespace Azprovision.Settings;

/// <summary>
/// What was decided for this VM, kept with the marker: a root that is new at each boot is made the same machine again by it,
/// without media and platform. A line has a name and, after a blank, a value; the last one is "end". It has the hash of the
/// password, not the password; custom data are a file of their own, and private keys are not kept.
/// </summary>
/// <param name="MadeUser">the user was not one of the image</param>
internal sealed record MachineRecord(MachineSpec Spec, bool MadeUser)
{
    internal const string Name = "record";
    private const string Version = "1";

    /// <summary>
    /// Takes a place before the account files, which are replaced in the order of the plan: where the next run finds a user
    /// that this one made, it finds the record too.
    /// </summary>
    internal static void Reserve(PlannedRoot root, State state, MachineSpec spec)
    {
        if (MadeBefore(root.Disk, state, spec.User.Name.Text))
        {
            return;
        }

        try
        {
            state.PlanDirectory(root);
            root.Write(state.PathOf(Name), [], State.PrivateFile);
        }
        catch (IOException)
        {
            // The steps that need the directory tell it as theirs.
        }
    }

    internal static void Plan(PlannedRoot root, State state, MachineSpec spec, Account account)
    {
        var text = new StringBuilder();
        void Add(string name, string value) => text.Append(name).Append(' ').Append(value).Append('\n');
        void AddFlag(string name, bool value) => Add(name, value ? "yes" : "no");
        Add("version", Version);
        Add("vm-id", spec.VmId ?? State.UnknownVmId);
        Add("host-name", spec.HostName.Text);
        Add("user", account.Name);
        Add("uid", account.Uid.ToString(CultureInfo.InvariantCulture));
        Add("gid", account.Gid.ToString(CultureInfo.InvariantCulture));
        Add("group", account.Group ?? account.Name);
        AddFlag("made-user", account.IsNew || MadeBefore(root.Disk, state, account.Name, account.Uid));
        if (account.PasswordHash is { } hash)
        {
            Add("password-hash", Encoding.Latin1.GetString(hash.Reveal()));
        }

        foreach (AuthorizedKey key in spec.User.Keys)
        {
            Add("key", key.Key.Line);
            if (key.Path is not null && !Array.Exists(key.Path.ToCharArray(), char.IsControl))
            {
                Add("key-path", key.Path);
            }
        }

        if (spec.SshPasswordAuthentication is { } takesPasswords)
        {
            AddFlag("ssh-passwords", takesPasswords);
        }

        AddFlag("guest-agent", spec.ProvisionGuestAgent);
        text.Append("end\n");
        state.PlanDirectory(root);
        root.Write(state.PathOf(Name), Encoding.UTF8.GetBytes(text.ToString()), State.PrivateFile);
    }

    /// <summary>Null: there is none.</summary>
    /// <exception cref="InvalidDataException">it is damaged, of a newer version, or maybe somebody else's work</exception>
    internal static MachineRecord? TryRead(SystemRoot files, State state)
    {
        string path = state.PathOf(Name);
        try
        {
            const uint WritableByOthers = 0x12;   // 022
            return files.TryStatus(path) is not { } status || files.TryRead(path) is not { } content ? null
                : status.Uid == 0 && (status.Mode & WritableByOthers) == 0 ? Parse(content)
                : throw new InvalidDataException("others than root may have written it");
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"'{path}': {e.Message}", e);
        }
    }

    // A run that ended before Ready may have made the user, whom this one then found, or the machine that the image was
    // captured from has.
    private static bool MadeBefore(SystemRoot files, State state, string user, uint? uid = null)
    {
        try
        {
            return TryRead(files, state) is { MadeUser: true } before && before.Spec.User.Name.Text == user
                && (uid ?? before.Spec.User.Recorded!.Uid) == before.Spec.User.Recorded!.Uid;
        }
        catch (Exception e) when (e is InvalidDataException or SyscallException { Errno: Errno.EACCES })
        {
            return false;
        }
    }

    private static MachineRecord Parse(byte[] content)
    {
        var values = new Dictionary<string, string>();
        var keys = new List<AuthorizedKey>();
        foreach (string line in Encoding.UTF8.GetString(content).Split('\n'))
        {
            int blank = line.IndexOf(' ', StringComparison.Ordinal);
            string name = blank < 0 ? line : line[..blank];
            string value = blank < 0 ? "" : line[(blank + 1)..];
            switch (name)
            {
                case "key":
                    keys.Add(new AuthorizedKey(SshPublicKey.Parse(value), null));
                    break;
                case "key-path" when keys.Count > 0:
                    keys[^1] = keys[^1] with { Path = value };
                    break;
                default:
                    values[name] = value;
                    break;
            }
        }

        string Value(string name) =>
            values.TryGetValue(name, out string? value) ? value : throw new InvalidDataException($"the line '{name}' is missing");
        uint Number(string name) => uint.TryParse(Value(name), NumberStyles.None, CultureInfo.InvariantCulture, out uint number)
            ? number
            : throw new InvalidDataException($"'{Printable.Of(Value(name))}' is not a {name}");
        if (Value("version") != Version)
        {
            throw new InvalidDataException($"version '{Printable.Of(Value("version"))}' is not {Version}");
        }

        _ = Value("end");
        string? hash = values.GetValueOrDefault("password-hash");
        var user = new UserSpec(UserName.Parse(Value("user")), Password: null, KeepsPassword: false, keys, [])
        {
            Recorded = hash?.Contains(':') == true
                ? throw new InvalidDataException("the hash of the password is none")
                : new RecordedAccount(Number("uid"), Number("gid"), Value("group"), hash is null ? null : Secret.FromText(hash)),
        };
        var spec = new MachineSpec(
            "record",
            Value("vm-id"),
            HostName.Parse(Value("host-name")),
            user,
            values.TryGetValue("ssh-passwords", out string? takesPasswords) ? takesPasswords == "yes" : null,
            CustomData: null,
            UserData: null,
            PreprovisionedVmType.None,
            ProvisionGuestAgent: Value("guest-agent") == "yes",
            ProvisionGuestProxyAgent: false,
            UnknownKey: null,
            Ovf: null,
            Warnings: []);
        return new MachineRecord(spec, Value("made-user") == "yes");
    }
}
