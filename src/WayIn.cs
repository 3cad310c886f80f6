using System;
using System.IO;
using Azprovision.Accounts;
using Azprovision.Configuration;
using Azprovision.Native;
using Azprovision.Run;
using Azprovision.Settings;
using Azprovision.Spec;
using Azprovision.Sshd;

namespace Azprovision;

/// <summary>
/// Whether anybody could log in to the machine that was settled. Ready for one that locks its owner out helps nobody:
/// better a deployment that fails with a reason.
/// </summary>
internal sealed class WayIn(Host host, Options options)
{
    /// <summary>Why nobody could; null when somebody can, or nobody asked for it.</summary>
    internal string? WhyNone(MachineSpec spec)
    {
        bool isAskedFor = !options.AllowNoLogin
            && options.Steps.HasFlag(Steps.SshKeys)
            && spec.PreprovisionedVm == PreprovisionedVmType.None;   // else its owner and what is theirs come later
        if (!isAskedFor || spec.User.Keys.Count > 0)
        {
            return null;
        }

        bool hasPassword = spec.User.Password is not null && options.Steps.HasFlag(Steps.Password);
        try
        {
            bool takesPasswords = spec.SshPasswordAuthentication != false || SerialConsole.TakesLogins(host.Files, host.Kernel);
            if ((hasPassword && takesPasswords) || KeepsItsOwn(spec, takesPasswords))
            {
                return null;
            }
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            host.Log.Debug($"what user '{spec.User.Name}' has to log in with is not known: {e.Message}");
            if (e is SyscallException { Errno: Errno.EACCES })
            {
                return null;   // a dry run by an ordinary user
            }
        }

        return spec.UnknownKey is not null
            ? $"nobody could log in: SSH key with fingerprint '{spec.UnknownKey}' has no value in ovf-env.xml, and "
                + "there is no certificate for it"
            : hasPassword
                ? "nobody could log in: there is no SSH key, and neither sshd nor a serial console takes the password"
                : "nobody could log in: there is neither an SSH key that sshd takes nor a password";
    }

    // A user of the image, with a key or a password that is left alone.
    private bool KeepsItsOwn(MachineSpec spec, bool takesPasswords)
    {
        AccountFiles accounts = AccountFiles.Read(host.Files, options.DryRun);
        if (accounts.Passwd.Find(spec.User.Name.Text) is not { } entry)
        {
            return false;
        }

        bool keepsPassword = (spec.User.KeepsPassword || !options.Steps.HasFlag(Steps.Password))
            && UserAccount.CanBeTyped(accounts.PasswordOf(entry.Name));
        var account = new Account(
            entry.Name, entry.Uid, entry.Gid, entry.Home, entry.Shell, IsNew: false, HasPassword: keepsPassword);
        return (keepsPassword && takesPasswords) || AuthorizedKeys.HasKey(host.Files, account, host.Log);
    }
}
