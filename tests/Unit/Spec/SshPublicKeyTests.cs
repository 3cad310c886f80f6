using System;
using System.IO;
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
    [InlineData("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgME\r\nBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f x", $"ssh-ed25519 {Ed25519} x")]
    public void A_key_becomes_one_line(string value, string line) => Assert.Equal(line, Assert.Single(SshPublicKey.ParseAll(value)).Line);

    [Fact]
    public void Two_keys_in_one_value_stay_two() => Assert.Equal(
        ["one", "two"],
        SshPublicKey.ParseAll($"ssh-ed25519 {Ed25519} one\nssh-ed25519 {Ed25519} two\n").Select(key => key.Comment));

    [Fact]
    public void A_private_key_is_refused_without_its_text() => Assert.Equal(
        "SSH key is a private key (not shown), a public one is needed",
        Assert.Throws<InvalidDataException>(
            () => SshPublicKey.ParseAll("-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEIB0G4+kHyEdUkpYJZYwR\n")).Message);

    [Theory]
    [InlineData("", "SSH key is empty")]
    [InlineData("\r\n", "SSH key is empty")]
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
        Assert.Contains(message, Assert.Throws<InvalidDataException>(() => SshPublicKey.ParseAll(value)).Message);

    [Fact]
    public void A_key_over_16_KiB_is_refused_without_being_shown() => Assert.Equal(
        "SSH key of 16385 characters is longer than 16384",
        Assert.Throws<InvalidDataException>(() => SshPublicKey.ParseAll(new string('a', 16385))).Message);

    [Fact]
    public void Every_type_that_ssh_keygen_makes_is_taken()
    {
        // Made by ssh-keygen -t ecdsa -b 256, 384, 521: the blob begins with the type and the curve.
        foreach ((string type, string curve) in new[] { ("ecdsa-sha2-nistp256", "nistp256"), ("ecdsa-sha2-nistp521", "nistp521") })
        {
            byte[] blob = [.. Field(type), .. Field(curve), .. Field("point")];
            string line = $"{type} {Convert.ToBase64String(blob)}";
            Assert.Equal(line, Assert.Single(SshPublicKey.ParseAll(line)).Line);
        }
    }

    private static byte[] Field(string text) => [0, 0, 0, (byte)text.Length, .. System.Text.Encoding.ASCII.GetBytes(text)];
}
