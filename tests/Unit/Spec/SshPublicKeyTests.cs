using System;
using System.Collections.Generic;
using System.Linq;
using Azprovision.Spec;
using Xunit;

namespace Azprovision.Tests.Unit.Spec;

public class SshPublicKeyTests
{
    private const string Ed25519 = "AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f";

    [Theory]
    [InlineData($"ssh-ed25519 {Ed25519} grace@laptop", $"ssh-ed25519 {Ed25519} grace@laptop")]
    [InlineData($"  ssh-ed25519 \t{Ed25519}  two words \r\n", $"ssh-ed25519 {Ed25519} two words")]
    [InlineData($"ssh-ed25519 {Ed25519}", $"ssh-ed25519 {Ed25519}")]
    [InlineData($"\uFEFFssh-ed25519 {Ed25519} x", $"ssh-ed25519 {Ed25519} x")]
    [InlineData($"\u200B ssh-ed25519 {Ed25519} x\u200B\n", $"ssh-ed25519 {Ed25519} x")]
    [InlineData($"ssh-ed25519\n    {Ed25519}\n    x", $"ssh-ed25519 {Ed25519} x")]
    [InlineData("\n  ssh-ed25519 AAAAC3NzaC1lZDI1NTE5\n  AAAAIAABAgMEBQYHCAkKCwwNDg8Q\r\n\tERITFBUWFxgZGhscHR4f x\n", $"ssh-ed25519 {Ed25519} x")]
    [InlineData($"# of grace\nssh-ed25519 {Ed25519} grace\n  # and no other\n", $"ssh-ed25519 {Ed25519} grace")]
    [InlineData($"ssh-ed25519 {Ed25519} Łukasz", $"ssh-ed25519 {Ed25519} Łukasz")]
    [InlineData("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgME\r\nBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f x", $"ssh-ed25519 {Ed25519} x")]
    public void A_key_becomes_one_line(string value, string line) => Assert.Equal(line, Assert.Single(Parsed(value)).Line);

    [Fact]
    public void Two_keys_in_one_value_stay_two() => Assert.Equal(
        ["one", "two"],
        Parsed($"ssh-ed25519 {Ed25519} one\nssh-ed25519 {Ed25519} two\n").Select(key => key.Comment));

    [Fact]
    public void One_that_is_none_does_not_take_the_others_with_it()
    {
        var problems = new List<string>();
        SshPublicKey key = Assert.Single(SshPublicKey.ParseAll($"ssh-ed25519 AAAA one\nssh-ed25519 {Ed25519} two", problems));
        Assert.Equal("two", key.Comment);
        Assert.Contains("cut short or damaged", Assert.Single(problems));
    }

    [Fact]
    public void A_private_key_is_refused_without_its_text() => Assert.Equal(
        "SSH key is a private key (not shown), a public one is needed",
        Problem("-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEIB0G4+kHyEdUkpYJZYwR\n"));

    [Theory]
    [InlineData("", "SSH key is empty")]
    [InlineData("\r\n", "SSH key is empty")]
    [InlineData("# none", "SSH key is empty")]
    [InlineData("hello", "has the type 'hello', which OpenSSH does not know")]
    [InlineData("ssh-ed25519", "has a type but no key")]
    [InlineData("ssh-ed25519 ????", "is not base64 after its type")]
    [InlineData("ssh-ed25519 AAAA", "is cut short or damaged")]
    [InlineData("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5", "is cut short or damaged")]
    [InlineData("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgME", "is cut short or damaged")]
    [InlineData($"ssh-rsa {Ed25519}", "has another type inside its base64")]
    [InlineData($"command=\"x\" ssh-ed25519 {Ed25519}", "has the type 'command=\"x\"'")]
    [InlineData($"ssh-ed25519 {Ed25519} a\u001b[2Jb", "contains the control character '\\x1b'")]
    public void What_is_no_key_is_refused_with_its_text(string value, string message) =>
        Assert.Contains(message, Problem(value));

    [Fact]
    public void A_key_over_16_KiB_is_refused_without_being_shown() => Assert.Equal(
        "SSH key of 16385 characters is longer than 16384",
        Problem(new string('a', 16385)));

    [Fact]
    public void Every_type_that_ssh_keygen_makes_is_taken()
    {
        // Made by ssh-keygen -t ecdsa -b 256, 384, 521: the blob begins with the type and the curve.
        foreach ((string type, string curve) in new[] { ("ecdsa-sha2-nistp256", "nistp256"), ("ecdsa-sha2-nistp521", "nistp521") })
        {
            byte[] blob = [.. Field(type), .. Field(curve), .. Field("point")];
            string line = $"{type} {Convert.ToBase64String(blob)}";
            Assert.Equal(line, Assert.Single(Parsed(line)).Line);
        }
    }

    private static List<SshPublicKey> Parsed(string value)
    {
        var problems = new List<string>();
        List<SshPublicKey> keys = SshPublicKey.ParseAll(value, problems);
        Assert.Empty(problems);
        return keys;
    }

    private static string Problem(string value)
    {
        var problems = new List<string>();
        Assert.Empty(SshPublicKey.ParseAll(value, problems));
        return Assert.Single(problems);
    }

    private static byte[] Field(string text) => [0, 0, 0, (byte)text.Length, .. System.Text.Encoding.ASCII.GetBytes(text)];
}
