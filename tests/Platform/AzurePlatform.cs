using System;
using System.Collections.Generic;
using System.Globalization;

namespace Azprovision.Tests.Platform;

/// <summary>What a healthy platform answers, and the words in which a command line can make it less healthy.</summary>
public static class AzurePlatform
{
    public const string Incarnation = "7";
    public const string ContainerId = "0b3d6f1a-5c77-4e0e-9a3f-2d1f6e8c4b55";
    public const string InstanceId = "6f0e1d2c3b4a.heron";

    public const string GoalState = GoalStateStart + """
            <RoleInstanceList>
              <RoleInstance>
                <InstanceId>6f0e1d2c3b4a.heron</InstanceId>
                <State>Started</State>
              </RoleInstance>
            </RoleInstanceList>
          </Container>
        </GoalState>
        """;

    /// <summary>As it is shortly after start.</summary>
    public const string GoalStateWithoutInstance = GoalStateStart + "</Container></GoalState>";

    /// <summary>With what the Azure Linux Agent does not do without.</summary>
    public const string FullGoalState = GoalStateStart + """
            <RoleInstanceList>
              <RoleInstance>
                <InstanceId>6f0e1d2c3b4a.heron</InstanceId>
                <State>Started</State>
                <Configuration>
                  <HostingEnvironmentConfig>http://168.63.129.16/config/hostingEnvironment</HostingEnvironmentConfig>
                  <SharedConfig>http://168.63.129.16/config/shared</SharedConfig>
                  <ConfigName>6f0e1d2c3b4a.0.6f0e1d2c3b4a.0._heron.1.xml</ConfigName>
                </Configuration>
              </RoleInstance>
            </RoleInstanceList>
          </Container>
        </GoalState>
        """;

    private const string GoalStateStart = """
        <?xml version="1.0" encoding="utf-8"?>
        <GoalState xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:noNamespaceSchemaLocation="goalstate10.xsd">
          <Version>2012-11-30</Version>
          <Incarnation>7</Incarnation>
          <Machine>
            <ExpectedState>Started</ExpectedState>
            <LBProbePorts><Port>16001</Port></LBProbePorts>
          </Machine>
          <Container>
            <ContainerId>0b3d6f1a-5c77-4e0e-9a3f-2d1f6e8c4b55</ContainerId>
        """;

    private const string Versions = """
        <?xml version="1.0" encoding="utf-8"?>
        <Versions>
          <Preferred><Version>2015-04-05</Version></Preferred>
          <Supported><Version>2015-04-05</Version><Version>2012-11-30</Version></Supported>
        </Versions>
        """;

    private const string HostingEnvironment = """
        <?xml version="1.0" encoding="utf-8"?>
        <HostingEnvironmentConfig version="1.0.0.0" goalStateIncarnation="7">
          <Deployment name="a1b2c3d4" guid="{4e3f2a10-9b7c-4d5e-8f60-1a2b3c4d5e6f}" incarnation="0" />
          <Incarnation number="7" instance="heron" guid="{0b3d6f1a-5c77-4e0e-9a3f-2d1f6e8c4b55}" />
          <Role guid="{6f0e1d2c-3b4a-4e0e-9a3f-2d1f6e8c4b55}" name="heron" settleTimeSeconds="0" />
        </HostingEnvironmentConfig>
        """;

    private const string Instance = """
        {
          "compute": {
            "vmId": "4e3f2a10-9b7c-4d5e-8f60-1a2b3c4d5e6f",
            "name": "heron",
            "customData": "",
            "userData": "",
            "osProfile": {
              "adminUsername": "ada",
              "computerName": "heron",
              "disablePasswordAuthentication": "true"
            },
            "publicKeys": []
          },
          "extended": { "compute": { "hasCustomData": false, "ppsType": "None" } },
          "network": { "interface": [] }
        }
        """;

    // The name in a script, the beginnings of the requests it stands for, and the answer when all is well.
    private static readonly (string Name, string[] Prefixes, string Body)[] s_parts =
    [
        ("versions", ["/?comp=versions"], Versions),
        ("goalstate", ["/machine/?comp=goalstate", "/machine?comp=goalstate"], GoalState),
        ("health", ["/machine/?comp=health", "/machine?comp=health"], ""),
        ("json", ["/provisioning/health"], ""),
        ("imds", ["/metadata/instance?"], Instance),
        ("config", ["/config/"], HostingEnvironment),
    ];

    /// <summary>Makes the server a healthy platform.</summary>
    public static ScriptedServer Healthy(ScriptedServer server) => Play(server, "");

    /// <summary>
    /// Plays a script like "goalstate=503,503,200 health=410,200": for each part (versions, goalstate, health, json, imds, config)
    /// what its requests get in turn, the last again and again. A word is a status, with /N for Retry-After: N; or close,
    /// reset, silence, half, garbage, slow, chunked, huge, stale (a goal state without its instance),
    /// full (a goal state for other agents).
    /// </summary>
    public static ScriptedServer Play(ScriptedServer server, string script)
    {
        foreach ((_, string[] prefixes, string body) in s_parts)
        {
            On(server, prefixes, [Word("200", body)]);
        }

        foreach (string item in script.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries))
        {
            string[] sides = item.Split('=');
            int part = Array.FindIndex(s_parts, known => known.Name == sides[0]);
            if (part < 0 || sides.Length != 2)
            {
                throw new FormatException($"no such part of the platform: {item}");
            }

            var answers = new List<Answer>();
            foreach (string word in sides[1].Split(','))
            {
                answers.Add(Word(word, s_parts[part].Body));
            }

            On(server, s_parts[part].Prefixes, answers);
        }

        return server;
    }

    private static void On(ScriptedServer server, string[] prefixes, List<Answer> answers)
    {
        foreach (string prefix in prefixes)
        {
            server.On(prefix, [.. answers]);
        }
    }

    private static Answer Word(string word, string body)
    {
        string[] sides = word.Split('/');
        if (int.TryParse(sides[0], NumberStyles.None, CultureInfo.InvariantCulture, out int status))
        {
            string headers = sides.Length > 1 ? $"Retry-After: {sides[1]}\r\n" : "";
            return Answer.Status(status, status == 200 ? body : "", headers);
        }

        return word switch
        {
            "close" => Answer.CloseAfterRequest,
            "reset" => Answer.ResetAfterRequest,
            "silence" => Answer.Silence,
            "half" => Answer.HalfBody(body.Length > 1 ? body : "two halves"),
            "garbage" => Answer.Garbage,
            "slow" => Answer.ByBytes(Answer.ChunkedText(body), TimeSpan.FromMilliseconds(1)),
            "chunked" => Answer.Chunked(body),
            "huge" => Answer.HugeBody,
            "stale" => Answer.Status(200, GoalStateWithoutInstance),
            "full" => Answer.Status(200, FullGoalState),
            _ => throw new FormatException($"no such answer: {word}"),
        };
    }
}
