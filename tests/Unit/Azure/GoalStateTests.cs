using System;
using System.IO;
using System.Linq;
using System.Text;
using Azprovision.Azure;
using Azprovision.Tests.Platform;
using Azprovision.Tests.Unit.Support;
using Xunit;

namespace Azprovision.Tests.Unit.Azure;

public class GoalStateTests
{
    private const string Minimal =
        "<GoalState><Incarnation>1</Incarnation><Container><ContainerId>c</ContainerId><RoleInstanceList>"
        + "<RoleInstance><InstanceId>i</InstanceId></RoleInstance></RoleInstanceList></Container></GoalState>";

    [Fact]
    public void The_three_names_are_read_from_what_the_platform_sends() =>
        Assert.Equal(
            new GoalState(AzurePlatform.Incarnation, AzurePlatform.ContainerId, AzurePlatform.InstanceId),
            Parse(AzurePlatform.GoalState));

    [Theory]
    [InlineData("\uFEFF" + Minimal)]
    [InlineData("<?xml version='1.0'?><!-- c --><?p i?>" + Minimal + "\n")]
    [InlineData("<GoalState xmlns='urn:x'><Incarnation> 1\n</Incarnation><Container><ContainerId><![CDATA[c]]></ContainerId>"
        + "<RoleInstanceList><RoleInstance><State/><InstanceId>i</InstanceId></RoleInstance>"
        + "<RoleInstance><InstanceId>second</InstanceId></RoleInstance></RoleInstanceList></Container></GoalState>")]
    [InlineData("<GoalState><InstanceId>no</InstanceId><Machine><Incarnation>9</Incarnation></Machine><Incarnation>1</Incarnation>"
        + "<Container><ContainerId>c</ContainerId><RoleInstanceList><RoleInstance><InstanceId>i</InstanceId></RoleInstance>"
        + "</RoleInstanceList></Container></GoalState>")]
    public void The_first_instance_counts_and_other_places_do_not(string text) =>
        Assert.Equal(new GoalState("1", "c", "i"), Parse(text));

    [Theory]
    [InlineData("<?xml version='1.0' encoding='utf-16'?>" + Minimal)]
    [InlineData("\r\n<?xml version='1.0' encoding='windows-1252'?>" + Minimal + "\0")]
    public void What_it_says_of_its_encoding_need_not_be_true(string text) =>
        Assert.Equal(new GoalState("1", "c", "i"), Parse(text));

    [Fact]
    public void Two_byte_text_with_its_mark_is_read_too() =>
        Assert.Equal(
            new GoalState("1", "c", "i"),
            GoalState.Parse([.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes(Minimal)]));

    [Theory]
    [InlineData("")]
    [InlineData("not found")]
    [InlineData("<html><body>It works</body></html>")]
    [InlineData("{\"state\":\"Ready\"}")]
    [InlineData("<!DOCTYPE GoalState [<!ENTITY a 'b'>]>" + Minimal)]
    [InlineData("<Error><GoalState/></Error>")]
    public void What_is_something_else_is_no_goal_state(string text) => Assert.Null(Parse(text));

    [Theory]
    [InlineData("<GoalState/>", "goal state: no Incarnation")]
    [InlineData("<GoalState><Incarnation/></GoalState>", "goal state: Incarnation has 0 characters")]
    [InlineData("<GoalState><Incarnation> </Incarnation></GoalState>", "goal state: Incarnation has 0 characters")]
    [InlineData("<GoalState><Incarnation>1</Incarnation></GoalState>", "goal state: no ContainerId")]
    [InlineData("<GoalState><Incarnation>1</Incarnation><Conta", "goal state: not well-formed at line 1, column 46")]
    [InlineData("<GoalState><Incarnation>\x01</Incarnation>", "goal state: not well-formed at line 1, column 25")]
    [InlineData("<GoalState><Incarnation>&bomb;</Incarnation>", "goal state: not well-formed at line 1, column 26")]
    public void A_damaged_one_is_refused_by_its_fault(string text, string message) =>
        Assert.StartsWith(message, Assert.Throws<InvalidDataException>(() => Parse(text)).Message);

    [Fact]
    public void The_one_of_a_machine_just_started_has_no_instance_yet() =>
        Assert.Equal(
            "goal state: no InstanceId",
            Assert.Throws<InvalidDataException>(() => Parse(AzurePlatform.GoalStateWithoutInstance)).Message);

    [Fact]
    public void Depth_and_length_have_limits()
    {
        string deep = $"<GoalState>{string.Concat(Enumerable.Repeat("<a>", 10_000))}";
        Assert.Contains("more than 64 elements", Assert.Throws<InvalidDataException>(() => Parse(deep)).Message);
        string large = Minimal.Replace(">c<", $">{new string('c', 257)}<", StringComparison.Ordinal);
        Assert.Contains("257 characters", Assert.Throws<InvalidDataException>(() => Parse(large)).Message);
        string padded = Minimal + new string(' ', 128 * 1024);
        Assert.Contains("more than 131072", Assert.Throws<InvalidDataException>(() => Parse(padded)).Message);
    }

    [Fact]
    public void Broken_ones_are_read_or_refused_never_anything_else() =>
        Fuzz.Run(
            [
                Encoding.UTF8.GetBytes(AzurePlatform.GoalState),
                Encoding.UTF8.GetBytes(Minimal),
                [.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes(Minimal)],
            ],
            bytes =>
            {
                try
                {
                    GoalState? goal = GoalState.Parse(bytes);
                    Assert.True(goal is null or { Incarnation.Length: > 0, ContainerId.Length: > 0, InstanceId.Length: > 0 });
                }
                catch (InvalidDataException e)
                {
                    Assert.DoesNotContain(e.Message, char.IsControl);
                }
            });

    private static GoalState? Parse(string text) => GoalState.Parse(Encoding.UTF8.GetBytes(text));
}
