namespace Azprovision.Check;

/// <summary>What the user needs to work: a shell, and a way to become root.</summary>
internal static class AccountCheck
{
    internal static void Look(Image image, Findings findings)
    {
        if (!image.Has("/bin/bash") && !image.Has("/bin/sh"))
        {
            findings.Error("user", "neither /bin/bash nor /bin/sh: nobody can log in", "install a shell");
        }

        bool hasSudo = image.HasProgram("sudo") && (image.Has("/etc/sudoers") || image.Has("/etc/sudoers.d"));
        bool hasDoas = image.HasProgram("doas") && (image.Has("/etc/doas.conf") || image.Has("/etc/doas.d"));
        if (!hasSudo && !hasDoas)
        {
            findings.Warn("sudo", "neither sudo nor doas with its configuration: the user cannot become root",
                "install one of them (an empty /etc/doas.conf does for doas)");
        }
    }
}
