using System;
using System.Collections.Generic;
using System.IO;
using Azprovision.Spec;
using Azprovision.Tests.Platform;
using Xunit;

namespace Azprovision.Tests.Unit.Spec;

public class Ssh2PublicKeyTests
{
    [Theory]
    [InlineData("rsa")]
    [InlineData("ed25519")]
    [InlineData("ecdsa")]
    public void What_ssh_keygen_writes_as_SSH2_is_the_same_key(string type)
    {
        string directory = Directory.CreateTempSubdirectory("azprovision-ssh2-").FullName;
        try
        {
            string file = Path.Combine(directory, "key");
            Tool.Run("ssh-keygen", "-q", "-t", type, "-N", "", "-C", "a comment: with \"quotes\"", "-f", file);
            string ssh2 = Tool.Run("ssh-keygen", "-e", "-f", $"{file}.pub");
            string expected = string.Join(' ', File.ReadAllText($"{file}.pub").Split(' ')[..2]);
            foreach (string text in (string[])[ssh2, ssh2.Replace("\n", "\r\n", StringComparison.Ordinal)])
            {
                var problems = new List<string>();
                Assert.Equal(expected, Assert.Single(SshPublicKey.ParseAll(text, problems)).Line);
                Assert.Empty(problems);
            }
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Fact]
    public void A_header_may_go_on_in_the_next_line()
    {
        const string Blob = "AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f";
        string text = $"---- BEGIN SSH2 PUBLIC KEY ----\nComment: one \\\ntwo \\\nthree\nx-command: /bin/sh\n{Blob[..30]}\n{Blob[30..]}\n---- END SSH2 PUBLIC KEY ----\n";
        Assert.Equal($"ssh-ed25519 {Blob}", Ssh2PublicKey.ToOpenSsh(text));
    }

    [Theory]
    [InlineData("---- BEGIN SSH2 PUBLIC KEY ----")]
    [InlineData("---- BEGIN SSH2 PUBLIC KEY ----\nAAAAC3NzaC1lZDI1NTE5\n")]
    [InlineData("---- BEGIN SSH2 PUBLIC KEY ----\n*\n---- END SSH2 PUBLIC KEY ----")]
    [InlineData("---- BEGIN SSH2 PUBLIC KEY ----\nAAAA\n---- END SSH2 PUBLIC KEY ----")]
    [InlineData("---- BEGIN SSH2 PUBLIC KEY ----\n/////w==\n---- END SSH2 PUBLIC KEY ----")]
    [InlineData("---- END SSH2 PUBLIC KEY ----\n---- BEGIN SSH2 PUBLIC KEY ----")]
    public void A_damaged_one_is_a_problem(string text)
    {
        var problems = new List<string>();
        Assert.Empty(SshPublicKey.ParseAll(text, problems));
        Assert.Contains("RFC 4716", Assert.Single(problems), StringComparison.Ordinal);
    }
}
