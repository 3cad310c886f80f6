using System;
using System.IO;
using System.Linq;
using System.Threading;
using Azprovision.Azure;
using Azprovision.Media;
using Azprovision.Network;
using Azprovision.Run;
using Azprovision.Spec;
using Azprovision.Tests.Live.Support;
using Azprovision.Tests.Platform;
using Azprovision.Tests.Unit.Support;
using Xunit;

namespace Azprovision.Tests.Live;

/// <summary>Whoever looks at the console of a machine that waits must see that it is not dead, and what for.</summary>
public sealed class WaitingTests : IDisposable
{
    private readonly FastTime _time = new();
    private readonly LogFile _log;
    private readonly Tree _root = new();

    public WaitingTests() => _log = new LogFile(_time);

    public void Dispose()
    {
        _log.Dispose();
        _root.Dispose();
    }

    [Fact]
    public void The_search_for_media_says_what_it_waits_for()
    {
        Directory.CreateDirectory(_root.HostPath("dev"));
        Host host = Host(60) with { Devices = _root.HostPath("dev") };

        Assert.Throws<ProvisioningException>(() => ProvisioningMedia.Read(host, null, TimeSpan.FromSeconds(25)));

        Assert.Matches(@": waiting for a DVD of the platform, for at most \d+ s more$", Assert.Single(_log.Lines));
    }

    [Fact]
    public void The_search_for_a_lease_says_what_it_waits_for()
    {
        (NetworkNamespace machine, NetworkNamespace network) = NetworkNamespace.Pair();
        using NetworkNamespace machineUntilEnd = machine;
        using NetworkNamespace networkUntilEnd = network;

        Assert.Throws<ProvisioningException>(() => Ensure(machine, 50));

        Assert.Matches(@"waiting for a network that leads to the platform, for at most \d+ s more\n", _log.Text);
    }

    [Fact]
    public void Who_waits_for_the_network_of_another_says_so()
    {
        (NetworkNamespace machine, NetworkNamespace network) = NetworkNamespace.Pair();
        using NetworkNamespace machineUntilEnd = machine;
        using NetworkNamespace networkUntilEnd = network;
        using var client = new ClientOfMachine(machine);
        client.Start("udhcpc");
        while (!machine.Run("ip", "link", "show", "eth0").Contains("UP", StringComparison.Ordinal))
        {
            Thread.Sleep(10);
        }

        Assert.Throws<ProvisioningException>(() => Ensure(machine, 60));

        Assert.Matches(@"waiting for the network of udhcpc \(process \d+\), for at most \d+ s more\n", _log.Text);
    }

    /// <summary>One answer may be waited for longer than that.</summary>
    [Fact]
    public void Who_waits_for_one_answer_says_so()
    {
        using var server = new ScriptedServer();
        AzurePlatform.Play(server, "goalstate=silence");
        Host host = Host(60) with { WireServer = new Endpoint(0x7F000001, (ushort)server.EndPoint.Port) };

        Assert.Null(new WireServer(host, (_, _) => { }).TryFetchGoalState(host.Deadline));

        Assert.InRange(_log.Lines.Count(line => line.Contains("waiting for wire server 127.0.0.1:", StringComparison.Ordinal)), 2, 3);
    }

    private OwnNetwork? Ensure(NetworkNamespace machine, double seconds) => machine.Do(() =>
    {
        Host host = Host(seconds);
        return NetworkSetup.Ensure(host, new NetworkWishes(null), host.Deadline);
    });

    private Host Host(double seconds) =>
        NetworkHost.With(Deadline.After(TimeSpan.FromSeconds(seconds), _time)) with { Time = _time, Log = _log.Log };
}
