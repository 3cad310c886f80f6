using System;
using System.IO;
using Azprovision.Azure;
using Azprovision.Configuration;
using Azprovision.Network;
using Azprovision.Run;
using Azprovision.Spec;

namespace Azprovision;

/// <summary>
/// The way to the platform: a network, made at the first need if there is none, and over it IMDS and the wire server.
/// Disposing of it takes a network that was made down again.
/// </summary>
internal sealed class PlatformLink(Host host, Options options) : IDisposable
{
    private static readonly TimeSpan s_oneTry = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_outage = TimeSpan.FromSeconds(75);

    private OwnNetwork? _network;
    private bool _isOpen;
    private HostName? _toldName;
    private WireServer? _wireServer;

    /// <summary>The role instance that the goal state named, once it was asked for, if it can be an id.</summary>
    internal string? InstanceId => VmId.TryTake(_wireServer?.InstanceId);

    private WireServer WireServer => _wireServer ??= new WireServer(
        options.WireServer is null && _network?.Lease?.WireServer is { } address
            ? host with { WireServer = host.WireServer with { Address = address } }
            : host,
        Tend);

    /// <summary>Sees to a route to the wire server, once.</summary>
    /// <param name="hostName">the name that a DHCP server is told, if it is known already</param>
    internal void Open(HostName? hostName, Deadline deadline)
    {
        if (_isOpen || options.DryRun || !options.MayMakeNetwork)
        {
            return;
        }

        var wishes = new NetworkWishes(hostName, options.KeepNetwork, options.WireServer is not null);
        _network = OrNoNetwork(() => NetworkSetup.Ensure(host, wishes, deadline));
        _isOpen = true;
        _toldName = _network is null ? null : hostName;
    }

    /// <summary>
    /// Makes a network of our own anew when it does not lead there any more: the link was set down, renamed or removed, or the
    /// lease is over.
    /// </summary>
    private void Tend(Endpoint server, Deadline deadline)
    {
        if (_network is null || OrNoNetwork(() => _network.LeadsTo(server.Address)))
        {
            return;
        }

        host.Log.Info($"the network that was made does not lead to {server} any more, looking again");
        _network.Dispose();
        _network = null;
        _isOpen = false;
        Open(_toldName, deadline);
    }

    private static T OrNoNetwork<T>(Func<T> ask)
    {
        try
        {
            return ask();
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            throw new ProvisioningException(Failure.Network, e.Message, e);
        }
    }

    /// <summary>
    /// Tells the platform's DNS the name, if the network came up under another one: by one more request for the lease that it
    /// has, without touching it.
    /// </summary>
    /// <param name="isRenamed">the machine had another name when the run began</param>
    internal void Publish(HostName name, bool isRenamed, Deadline deadline)
    {
        if ((_isOpen || !options.MayMakeNetwork) && (_network is null ? isRenamed : _toldName != name))
        {
            string? problem = HostNamePublication.TryPublish(host, name, deadline);
            host.Log.Info(problem is null
                ? $"the DHCP server knows this machine as '{name}' now"
                : $"the host name was not published by DHCP: {problem}");
        }
    }

    /// <summary>All that IMDS says; there is nothing else to go by, so it is asked until the deadline.</summary>
    internal ImdsInstance FetchInstance(Endpoint imds) => new Imds(host, imds, Tend).Fetch(host.Deadline);

    /// <summary>What IMDS says, if it says it in the time that it is worth.</summary>
    internal ImdsInstance? TryFetchInstance(Endpoint imds, HostName? hostName, Worth worth)
    {
        try
        {
            if (worth != Worth.OneTry || options.Steps.HasFlag(Steps.Report))
            {
                Open(hostName, DeadlineOf(worth));
            }

            return new Imds(host, imds, Tend).Fetch(DeadlineOf(worth), worth == Worth.OneTry ? 1 : int.MaxValue);
        }
        catch (ProvisioningException e)
        {
            host.Log.Info($"{e.Message}, going on without");
            return null;
        }
    }

    private Deadline DeadlineOf(Worth worth) => worth switch
    {
        Worth.OneTry => host.Deadline.Within(s_oneTry),
        Worth.AnOutage => host.Deadline.Within(s_outage),
        Worth.TheRun => host.Deadline,
    };

    internal string? FetchInstanceId(Deadline deadline) => VmId.TryTake(WireServer.TryFetchGoalState(deadline)?.InstanceId);

    /// <inheritdoc cref="WireServer.FetchCertificates"/>
    internal byte[]? FetchCertificates(string cipher, byte[] transportCertificate, Deadline deadline) =>
        WireServer.FetchCertificates(cipher, transportCertificate, deadline);

    internal void Report(HealthReport report, Deadline deadline) => WireServer.Report(report, deadline);

    internal string? TryReportHostKey(string fingerprint, Deadline deadline) =>
        WireServer.TryReportHostKey(fingerprint, deadline);

    public void Dispose() => _network?.Dispose();
}

/// <summary>What an answer of IMDS is worth.</summary>
internal enum Worth
{
    /// <summary>One try, and no network is made for it that nothing else needs.</summary>
    OneTry,

    /// <summary>As long as IMDS is documented to be gone at most (410 for up to 70 s), but the run goes on without.</summary>
    AnOutage,

    /// <summary>Nothing goes on without it.</summary>
    TheRun,
}
