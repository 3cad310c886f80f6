using System;
using System.IO;
using System.Linq;
using System.Text;
using Azprovision.Azure;
using Azprovision.Http;
using Azprovision.Run;
using Azprovision.Spec;
using Azprovision.Tests.Platform;
using Azprovision.Tests.Unit.Support;
using Xunit;

namespace Azprovision.Tests.Unit.Azure;

public sealed class ImdsTests : IDisposable
{
    private const string Document = """
        {
          "compute": {
            "vmId": "4E3F2A10-9B7C-4D5E-8F60-1A2B3C4D5E6F",
            "name": "heron",
            "customData": "",
            "userData": "I2Nsb3Vk\nLWNvbmZpZwo=",
            "osProfile": { "adminUsername": "ada", "computerName": "heron", "disablePasswordAuthentication": "true" },
            "publicKeys": [ { "keyData": "ssh-ed25519 AAAA\r\nBBBB ada@laptop\r\n", "path": "/home/ada/.ssh/authorized_keys" }, null, {} ]
          },
          "extended": { "compute": { "hasCustomData": true, "ppsType": "None" } },
          "network": { "interface": [ { "macAddress": "000D3A123456" } ] }
        }
        """;

    private readonly ScriptedServer _server = new();
    private readonly LogFile _log = new();

    public void Dispose()
    {
        _server.Dispose();
        _log.Dispose();
    }

    [Fact]
    public void The_fields_that_matter_are_read_and_nothing_is_decided()
    {
        ImdsInstance instance = Parse(Document);
        Assert.Equal(
            ("4e3f2a10-9b7c-4d5e-8f60-1a2b3c4d5e6f", "heron", "ada", true, "None"),
            (instance.VmId, instance.HostName, instance.UserName, instance.DisablePasswordAuthentication, instance.PpsType));
        Assert.True(instance.HasCustomData);
        Assert.Equal(["ssh-ed25519 AAAA\r\nBBBB ada@laptop\r\n"], instance.PublicKeys);
        Assert.Equal("#cloud-config\n", Encoding.ASCII.GetString(instance.UserData!.Reveal()));
    }

    [Theory]
    [InlineData("{\"compute\":{}}")]
    [InlineData("{\"compute\":{\"vmId\":\"\",\"userData\":\"\",\"osProfile\":null,\"publicKeys\":null},\"extended\":null}")]
    [InlineData("{\"compute\":{\"osProfile\":\"\",\"publicKeys\":\"\"},\"extended\":\"\"}")]
    [InlineData("{\"compute\":{},\"extended\":{\"compute\":\"\"}}")]
    [InlineData("\uFEFF{\"compute\":{}}")]
    [InlineData("{\"compute\":{\"userData\":\"%%%\",\"osProfile\":{\"adminUsername\":\"\",\"disablePasswordAuthentication\":\"maybe\"}}}")]
    public void What_is_missing_or_empty_is_null(string json)
    {
        ImdsInstance instance = Parse(json);
        Assert.Equal(
            new ImdsInstance(null, null, null, null, [], null, null, null, IsWhole: true) with { PublicKeys = instance.PublicKeys }, instance);
        Assert.Empty(instance.PublicKeys);
    }

    [Theory]
    [InlineData("true", true)]
    [InlineData("false", false)]
    [InlineData("\"True\"", true)]
    [InlineData("1", null)]
    public void A_flag_may_be_a_string_or_a_boolean(string value, bool? expected) => Assert.Equal(
        expected,
        Parse($"{{\"compute\":{{\"osProfile\":{{\"disablePasswordAuthentication\":{value}}}}}}}").DisablePasswordAuthentication);

    [Theory]
    [InlineData("")]
    [InlineData("<html>")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("{\"compute\":7}")]
    [InlineData("{\"compute\":{\"vmId\":{}}}")]
    [InlineData("{\"compute\":{\"publicKeys\":\"x\"}}")]
    [InlineData("{\"compute\":{\"osProfile\":\"x\"}}")]
    [InlineData("{\"compute\":{},\"extended\":7}")]
    [InlineData("\uFEFF")]
    public void Anything_else_is_malformed(string json) => Assert.Throws<InvalidDataException>(() => Parse(json));

    [Fact]
    public void Random_and_cut_documents_give_a_result_or_a_refusal() => Fuzz.Run(
        [Encoding.UTF8.GetBytes(Document)],
        bytes =>
        {
            try
            {
                _ = Imds.Parse(bytes, isWhole: true);
            }
            catch (InvalidDataException)
            {
                // the only way to refuse
            }
        });

    [Fact]
    public void An_unknown_version_is_asked_for_again_as_an_older_one()
    {
        _server.On("/metadata/instance?api-version=2021-08-01", Answer.Status(400));
        _server.On("/metadata/instance?api-version=2019-06-01", Answer.Status(200, Document));
        Assert.False(Fetch().IsWhole);
        Assert.Equal(
            ["/metadata/instance?api-version=2021-08-01&extended=true", "/metadata/instance?api-version=2019-06-01"],
            _server.Requests.Select(request => request.Target));
        Assert.All(_server.Requests, request => Assert.Equal("true", request.Headers["Metadata"]));
    }

    [Fact]
    public void A_service_that_is_busy_or_talks_nonsense_is_asked_again()
    {
        _server.On(
            "/metadata/instance?",
            Answer.Status(404), Answer.Status(410), Answer.Status(429), Answer.Status(500), Answer.Garbage,
            Answer.Status(200, "{"), Answer.Status(200, Document));
        Assert.Equal("ada", Fetch().UserName);
        Assert.Equal(7, _server.Requests.Count);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(404)]
    [InlineData(410)]
    [InlineData(503)]
    public void Whatever_a_service_that_is_starting_says_it_is_asked_again(int status)
    {
        _server.On("/metadata/instance?", [.. Enumerable.Repeat(Answer.Status(status), 9), Answer.Status(200, Document)]);
        Assert.Equal("ada", Fetch().UserName);
    }

    [Fact]
    public void A_clear_refusal_is_asked_for_three_times_and_no_more()
    {
        _server.On("/metadata/instance?", Answer.Status(405));
        Assert.Contains("answered 405, tried 3 times", Assert.Throws<ProvisioningException>(() => Fetch()).Message);
    }

    [Theory]
    [InlineData("""{ "vmId": "x", "osProfile": { "adminUsername": "", "computerName": "", "disablePasswordAuthentication": "" }, "publicKeys": [] }""", true)]
    [InlineData("""{ "vmId": "x", "osProfile": null, "publicKeys": null }""", true)]
    [InlineData("""{ "vmId": "x", "name": "restored" }""", true)]
    [InlineData("""{ "osProfile": { "computerName": "heron" } }""", false)]
    [InlineData("""{ "osProfile": { "adminUsername": "ada" } }""", false)]
    [InlineData("""{ "osProfile": { "disablePasswordAuthentication": "false" } }""", false)]
    [InlineData("""{ "publicKeys": [ { "keyData": "x" } ] }""", false)]
    public void Without_a_user_a_name_and_keys_the_platform_wants_nothing(string compute, bool expected)
    {
        byte[] body = Encoding.UTF8.GetBytes($"{{\"compute\":{compute}}}");
        Assert.Equal(expected, Imds.Parse(body, isWhole: true).WantsNothing);
        Assert.False(Imds.Parse(body, isWhole: false).WantsNothing);   // an older version does not tell
    }

    [Fact]
    public void One_try_can_be_all_there_is()
    {
        _server.On("/metadata/instance?", Answer.Status(500));
        var problem = Assert.Throws<ProvisioningException>(() => Fetch(mostTries: 1));
        Assert.Equal(Failure.NoData, problem.Failure);
        Assert.Contains("answered 500, tried 1 time", problem.Message);
    }

    private static ImdsInstance Parse(string json) => Imds.Parse(Encoding.UTF8.GetBytes(json), isWhole: true);

    private ImdsInstance Fetch(int mostTries = int.MaxValue)
    {
        var connection = new HttpConnection(Endpoint.TryParse(_server.EndPoint.ToString(), 80)!);
        var backoff = new Backoff(TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(5));
        return new Imds(new PlatformConnection("IMDS", connection, backoff, TimeProvider.System, _log.Log))
            .Fetch(Deadline.After(TimeSpan.FromSeconds(20), TimeProvider.System), mostTries);
    }
}
