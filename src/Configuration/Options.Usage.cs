namespace Azprovision.Configuration;

// What --help says.
internal sealed partial record Options
{
    internal const string Usage = """
        Usage: azprovision [provision|check|clean|status] [OPTION]...

        Turns a generalized Linux image into this Azure virtual machine (provision),
        tells what an image lacks (check), turns a machine back into an image (clean),
        and tells what became of a machine (status). The manual is azprovision(8).

          --root DIR                   the root file system to provision (/)
          --media PATH|none            device, image, directory, ovf-env.xml (search)
          --media-wait SECONDS         how long to wait for a DVD (10)
          --wireserver ADDRESS[:PORT]  the platform (DHCP option 245 or 168.63.129.16)
          --imds ADDRESS[:PORT]|none   metadata service (169.254.169.254:80)
          --network auto|off           make a network if need be (auto)
          --keep-network               keep the network that was made
          --only LIST, --skip LIST     run only these steps, or leave them out:
                hostname,user,password,sudo,ssh-keys,sshd,custom-data,system,
                resource-disk,report
          --groups LIST                supplementary groups of the user
          --sudo auto|nopasswd|password|none   how the user may become root (auto)
          --host-keys auto|keep|generate   SSH host keys (auto: made if missing)
          --run-custom-data            run custom data that begins with #!
          --user-data                  ask IMDS for user data if there is no custom data
          --allow-no-login             accept a machine that nobody can log in to
          --resource-disk DIR|none     mount the temporary disk there (none)
          --swap MIB                   size of a swap file on that disk (0)
          --report-host-key yes|no     tell the platform the SSH fingerprint (yes)
          --certificates yes|no        fetch certificates even if no key needs them (no)
          --state DIR                  marker, record, data (/var/lib/azprovision)
          --waagent-files              write what the Azure Linux Agent expects
          --timeout SECONDS            for the whole run, retries included (300)
          --log stderr|kmsg|FILE,...   where the log goes (stderr)
          --dry-run                    print the plan as JSON and change nothing
          --force                      provision again; clean: do not ask
          --json                       check, status: write JSON
          --wait                       status: wait for the end of the run
          --user                       clean: also remove the user that was created
          -v, --verbose   -q, --quiet   -h, --help   -V, --version

        NAME = VALUE in /etc/azprovision.conf, and azprovision.NAME=VALUE as a kernel
        argument, do the same. Flags override kernel arguments, which override files.

        """;
}
