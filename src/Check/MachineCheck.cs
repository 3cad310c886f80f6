using System;
using System.Collections.Generic;
using System.IO;
using Azprovision.Azure;
using Azprovision.Configuration;
using Azprovision.Media;
using Azprovision.Network;
using Azprovision.Run;
using Azprovision.Settings;
using Azprovision.Spec;

namespace Azprovision.Check;

/// <summary>The machine on which this runs: its identity, clock, media, network and platform.</summary>
internal static class MachineCheck
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    internal static void LookAtIdentity(Host host, State state, Findings findings)
    {
        DmiIdentity dmi = Dmi.Read(host.Files, host.Kernel);
        if (dmi.IsAzure == false)
        {
            findings.Warn("identity", "DMI names another platform: without --media nothing would be done",
                "name the provisioning data by --media if that is meant");
        }

        findings.Note("identity", dmi.VmId is { } id ? $"VM {id} by DMI" : "DMI has no id of this VM: the platform is asked");
        if (dmi.VmId is { } vmId && state.IsProvisioned(host.Files, vmId))
        {
            findings.Note("identity", "this root is provisioned for it");
        }

        if (host.Time.GetUtcNow() is { Year: < 2020 } now)
        {
            findings.Warn("clock", $"it says {now:yyyy-MM-dd}: passwords get no day of change", "hv_utils, or a clock driver");
        }
    }

    /// <param name="isRoot">whoever is not may not read a drive</param>
    internal static void LookAtMedia(Host host, Options options, bool isRoot, Findings findings)
    {
        if (options.Media == "none")
        {
            findings.Note("media", "none are looked for (--media none)");
            return;
        }

        if (!isRoot && options.Media is null)
        {
            findings.Note("media", "not looked for: that is for root");
            return;
        }

        try
        {
            MediaContents media = ProvisioningMedia.Read(host, options.Media, TimeSpan.Zero);
            string reader = media.Reader is null ? "" : $" by {media.Reader}";
            findings.Note("media", $"ovf-env.xml is read from {media.Source}{reader}");
            if (media.Ovf.ProvisionGuestProxyAgent == true)
            {
                findings.Note("proxy", "the platform asks for the guest proxy agent");
            }
        }
        catch (InvalidDataException e)
        {
            findings.Error("media", Printable.Of(e.Message), "ask the platform for another disc");
        }
        catch (Exception e) when (e is IOException or ProvisioningException)
        {
            if (new State(options.State).HasMarker(host.Files))
            {
                findings.Note("media", "none any more");
                return;
            }

            findings.Warn("media", Printable.Of(e.Message), "without a DVD IMDS alone tells what to provision");
        }
    }

    internal static void LookAtPlatform(Host host, Options options, Image image, Findings findings)
    {
        using (var rtnetlink = new Rtnetlink())
        {
            IReadOnlyList<Link> links = rtnetlink.Links();
            NicNameCheck.LookAtLinks(links, findings);
            if (rtnetlink.TryFindRoute(host.WireServer.Address) is not { } route)
            {
                LookAtLinks(links, host, options, findings);
                return;
            }

            foreach (Link link in links)
            {
                if (link.Index == route.Link)
                {
                    findings.Note("network", $"the route to {host.WireServer} leads over {Printable.Of(link.Name)}");
                }
            }
        }

        Deadline deadline = host.Deadline.Within(s_patience);
        if (NetworkSetup.Answers(host.WireServer, deadline))
        {
            findings.Note("platform", $"the wire server {host.WireServer} takes connections");
        }
        else
        {
            findings.Error("platform", $"the wire server {host.WireServer} takes no connection: Ready could not be reported",
                "let root reach it, see routes and firewall");
        }

        if (options.Imds is { } imds)
        {
            LookAtImds(host, imds, findings);
        }

        NameCheck.Look(host, image, findings);
    }

    private static void LookAtImds(Host host, Endpoint imds, Findings findings)
    {
        try
        {
            ImdsInstance instance = new Imds(host, imds).Fetch(host.Deadline.Within(s_patience), mostTries: 1);
            findings.Note("platform", $"IMDS {imds} answers: VM {Printable.Of(instance.VmId ?? "without an id")}");
        }
        catch (Exception e) when (e is ProvisioningException or IOException or TimeoutException)
        {
            findings.Warn("platform", $"IMDS {imds}: {Printable.Of(e.Message)}", "needed only for what a DVD does not say");
        }
    }

    private static void LookAtLinks(IReadOnlyList<Link> links, Host host, Options options, Findings findings)
    {
        string what = $"no route to {host.WireServer}";
        if (LinkChoice.Candidates(links).Count == 0)
        {
            findings.Error("network", $"{what}, and no network interface", "see the drivers");
        }
        else if (!options.MayMakeNetwork)
        {
            findings.Error("network", $"{what}, and none may be made", "--network auto");
        }
        else
        {
            findings.Note("network", $"{what}: a network is made by DHCP for the time of the run");
        }
    }
}
