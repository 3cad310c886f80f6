using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Azprovision.Tests.Live.Support;
using Azprovision.Tests.Platform;
using Xunit;

namespace Azprovision.Tests.Live;

/// <summary>Keys that the platform names by a fingerprint, or sends as certificates: openssl encrypts, sshd judges.</summary>
public sealed class CertificateTests : IDisposable
{
    private const string Both = "AES128_CBC DES_EDE3_CBC";

    private readonly Tree _root = new();
    private readonly string _files = Directory.CreateTempSubdirectory("azprovision-certificates-").FullName;
    private readonly ScriptedServer _platform = AzurePlatform.Healthy(new ScriptedServer());

    public CertificateTests()
    {
        string machine = Repository.PathOf("tests/Cases/debian-12-key");
        _root.Load(Path.Combine(machine, "before"), Path.Combine(machine, "before.list"));
    }

    public void Dispose()
    {
        _platform.Dispose();
        _root.Dispose();
        Directory.Delete(_files, recursive: true);
    }

    [Theory]
    [InlineData("rsa:2048", Both)]
    [InlineData("rsa:4096", "DES_EDE3_CBC")]
    [InlineData("ec:P-256", Both)]
    [InlineData("ec:P-521", "DES_EDE3_CBC")]
    [InlineData("ed25519", Both)]
    public void A_key_known_by_its_fingerprint_and_its_pair_let_the_user_in(string kind, string ciphers)
    {
        string thumbprint = MakeBundle(kind);
        CertificateAnswers.Have(_platform, PathOf("user.pfx"), ciphers.Split(' '));
        Tool run = Run(KeyOf(thumbprint.ToLowerInvariant()), PairOf(Colons(thumbprint)));
        Assert.True(run.ExitCode == 0, run.Errors);
        Assert.Contains("Ready", _platform.Requests[^1].Text);

        string ssh = _root.HostPath("home/grace/.ssh");
        Assert.Contains(_root.Listing(), line => line.StartsWith("0600 1000:1000 f home/grace/.ssh/id_user", StringComparison.Ordinal));
        Assert.Contains(_root.Listing(), line => line.StartsWith("0644 1000:1000 f home/grace/.ssh/id_user.pub", StringComparison.Ordinal));
        Assert.StartsWith("-----BEGIN PRIVATE KEY-----\n", File.ReadAllText(Path.Combine(ssh, "id_user")), StringComparison.Ordinal);
        Assert.Equal(File.ReadAllText(Path.Combine(ssh, "id_user.pub")), File.ReadAllText(Path.Combine(ssh, "authorized_keys")));
        // ssh takes no key that somebody else owns, and before 9.6 no Ed25519 key in PKCS#8.
        File.WriteAllText(PathOf("deployed"), kind == "ed25519"
            ? OpenSshKey.OfEd25519(File.ReadAllText(Path.Combine(ssh, "id_user")), File.ReadAllText(Path.Combine(ssh, "id_user.pub")))
            : File.ReadAllText(Path.Combine(ssh, "id_user")));
        File.SetUnixFileMode(PathOf("deployed"), UnixFileMode.UserRead);
        Assert.Equal("root\n", Login(PathOf("deployed"), Path.Combine(ssh, "authorized_keys")));
        Assert.Equal(Fingerprint(PathOf("deployed")), Fingerprint(Path.Combine(ssh, "id_user.pub")));
        Assert.Equal(
            Tool.Run("openssl", "x509", "-in", PathOf("user.crt"), "-noout", "-pubkey"),
            Tool.Run("openssl", "pkey", "-in", Path.Combine(ssh, "id_user"), "-pubout"));
    }

    [Fact]
    public void The_platform_is_asked_for_certificates_only_when_a_key_needs_them()
    {
        MakeBundle("rsa:2048");
        CertificateAnswers.Have(_platform, PathOf("user.pfx"), "AES128_CBC");
        string line = Tool.Run("ssh-keygen", "-y", "-f", PathOf("user.key")).Trim();
        Tool run = Run($"<PublicKey><Fingerprint>00</Fingerprint><Value>{line}</Value></PublicKey>", "", "--waagent-files");
        Assert.True(run.ExitCode == 0, run.Errors);
        Assert.DoesNotContain(_platform.Requests, request => request.Target.Contains("comp=certificates", StringComparison.Ordinal));
    }

    [Fact]
    public void Certificates_are_written_for_the_agent_when_they_are_asked_for()
    {
        string thumbprint = MakeBundle("rsa:2048");
        CertificateAnswers.Have(_platform, PathOf("user.pfx"), "AES128_CBC");
        string line = Tool.Run("ssh-keygen", "-y", "-f", PathOf("user.key")).Trim();
        Tool run = Run(
            $"<PublicKey><Value>{line}</Value></PublicKey>", "", "--waagent-files", "--certificates", "yes");
        Assert.True(run.ExitCode == 0, run.Errors);
        string agent = _root.HostPath($"var/lib/waagent/{thumbprint}");
        Assert.Equal(
            Tool.Run("openssl", "x509", "-in", PathOf("user.crt"), "-noout", "-pubkey"),
            Tool.Run("openssl", "pkey", "-in", $"{agent}.prv", "-pubout"));
        Tool.Run("openssl", "x509", "-in", $"{agent}.crt", "-noout");
        Assert.Contains($"0600 0:0 f var/lib/waagent/{thumbprint}.prv", string.Join('\n', _root.Listing()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no url", "the wire server has none for this machine")]
    [InlineData("no data", "the wire server has none for this machine")]
    [InlineData("format", "the format 'CertificatesNonPfxPackage' is not known here")]
    [InlineData("base64", "Data is not base64")]
    [InlineData("refused", "AES128_CBC: wire server")]
    [InlineData("cut", "CMS envelope: cut short or damaged")]
    [InlineData("stranger", "no recipient is the transport certificate")]
    [InlineData("password", "the MAC is wrong")]
    public void A_key_that_cannot_be_had_is_told_and_is_code_34(string trouble, string message)
    {
        string thumbprint = MakeBundle("rsa:2048");
        CertificateAnswers.Have(_platform, PathOf("user.pfx"), "AES128_CBC", "DES_EDE3_CBC");
        Answer? answer = trouble switch
        {
            "no data" => Answer.Status(200, "<CertificateFile><Version>2012-11-30</Version></CertificateFile>"),
            "format" => Answer.Status(200, CertificateAnswers.Document("CertificatesNonPfxPackage", [1])),
            "base64" => Answer.Status(200, "<CertificateFile><Data>*</Data></CertificateFile>"),
            "refused" => Answer.Status(400),
            "cut" => Answer.To(request => Answer.Status(
                200, CertificateAnswers.Document("", CertificateAnswers.Encrypt(request, PathOf("user.pfx"))[..^9]))),
            "stranger" => Answer.Status(200, CertificateAnswers.Document("", Stranger())),
            "password" => Answer.To(request => Answer.Status(
                200, CertificateAnswers.Document("", CertificateAnswers.Encrypt(request, PathOf("secret.pfx"))))),
            _ => null,
        };
        if (answer is null)
        {
            _platform.On("/machine/?comp=goalstate", Answer.Status(200, AzurePlatform.GoalState));
        }
        else
        {
            _platform.On(CertificateAnswers.Target, answer);
        }

        Tool run = Run(KeyOf(thumbprint), "", "--timeout", "60");
        Assert.True(run.ExitCode == 34, run.Errors);
        Assert.Contains(message, run.Errors, StringComparison.Ordinal);
        Assert.Contains("NotReady", _platform.Requests[^1].Text);
    }

    [Fact]
    public void A_key_pair_that_nobody_has_is_code_34()
    {
        string thumbprint = MakeBundle("rsa:2048");
        CertificateAnswers.Have(_platform, PathOf("user.pfx"), "AES128_CBC");
        Tool run = Run(KeyOf(thumbprint), PairOf("C0FFEE00112233445566778899AABBCCDDEEFF01"));
        Assert.True(run.ExitCode == 34, run.Errors);
        Assert.Contains("C0FFEE00112233445566778899AABBCCDDEEFF01", run.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("pem")]
    [InlineData("der")]
    [InlineData("ssh2")]
    public void A_key_in_another_form_gives_its_line(string form)
    {
        MakeBundle("rsa:2048");
        string line = Tool.Run("ssh-keygen", "-y", "-f", PathOf("user.key")).Trim();
        File.WriteAllText(PathOf("user.pub"), line);
        string value = form switch
        {
            "pem" => File.ReadAllText(PathOf("user.crt")),
            "der" => string.Concat(File.ReadAllLines(PathOf("user.crt"))[1..^1]),
            _ => Tool.Run("ssh-keygen", "-e", "-f", PathOf("user.pub")),
        };
        Tool run = Run($"<PublicKey><Value>{System.Security.SecurityElement.Escape(value)}</Value></PublicKey>", "");
        Assert.True(run.ExitCode == 0, run.Errors);
        Assert.Equal($"{line}\n", File.ReadAllText(_root.HostPath("home/grace/.ssh/authorized_keys")));
    }

    private string PathOf(string name) => Path.Combine(_files, name);

    /// <summary>user.key, user.crt, user.pfx, and secret.pfx under a password; its fingerprint.</summary>
    private string MakeBundle(string kind)
    {
        string[] algorithm = kind.StartsWith("ec:", StringComparison.Ordinal)
            ? ["-newkey", "ec", "-pkeyopt", $"ec_paramgen_curve:{kind[3..]}"]
            : ["-newkey", kind];
        Tool.Run(
            "openssl",
            ["req", "-x509", "-nodes", "-subj", "/CN=user", "-days", "30", "-keyout", PathOf("user.key"), "-out", PathOf("user.crt"), .. algorithm]);
        foreach ((string name, string password) in ((string, string)[])[("user.pfx", "pass:"), ("secret.pfx", "pass:x")])
        {
            Tool.Run(
                "openssl", "pkcs12", "-export", "-inkey", PathOf("user.key"), "-in", PathOf("user.crt"), "-out", PathOf(name),
                "-passout", password, "-keypbe", "PBE-SHA1-3DES", "-certpbe", "PBE-SHA1-3DES", "-macalg", "sha1");
        }

        return Tool.Run("openssl", "x509", "-in", PathOf("user.crt"), "-noout", "-fingerprint", "-sha1")
            .Trim().Split('=')[1].Replace(":", "", StringComparison.Ordinal);
    }

    // "256 SHA256:... comment (ED25519)"
    private static string Fingerprint(string key) => Tool.Run("ssh-keygen", "-l", "-f", key).Split(' ')[1];

    private byte[] Stranger()
    {
        Tool.Run(
            "openssl", "cms", "-encrypt", "-binary", "-outform", "DER", "-keyid", "-aes128", "-in", PathOf("user.pfx"),
            "-out", PathOf("stranger"), "-recip", PathOf("user.crt"));
        return File.ReadAllBytes(PathOf("stranger"));
    }

    private static string Colons(string thumbprint) =>
        string.Join(':', Enumerable.Range(0, 20).Select(i => thumbprint.Substring(2 * i, 2)));

    private static string KeyOf(string fingerprint) =>
        $"<PublicKey><Fingerprint>{fingerprint}</Fingerprint><Path>$HOME/grace/.ssh/authorized_keys</Path></PublicKey>";

    private static string PairOf(string fingerprint) =>
        $"<KeyPair><Fingerprint>{fingerprint}</Fingerprint><Path>$HOME/grace/.ssh/id_user</Path></KeyPair>";

    private Tool Run(string keys, string pairs, params IEnumerable<string> arguments)
    {
        File.WriteAllText(PathOf("ovf-env.xml"), $"""
            <Environment xmlns="http://schemas.dmtf.org/ovf/environment/1" xmlns:wa="http://schemas.microsoft.com/windowsazure">
              <wa:ProvisioningSection>
                <wa:Version>1.0</wa:Version>
                <LinuxProvisioningConfigurationSet xmlns="http://schemas.microsoft.com/windowsazure">
                  <ConfigurationSetType>LinuxProvisioningConfiguration</ConfigurationSetType>
                  <HostName>wren</HostName>
                  <UserName>grace</UserName>
                  <DisableSshPasswordAuthentication>true</DisableSshPasswordAuthentication>
                  <SSH><PublicKeys>{keys}</PublicKeys><KeyPairs>{pairs}</KeyPairs></SSH>
                </LinuxProvisioningConfigurationSet>
              </wa:ProvisioningSection>
            </Environment>
            """);
        return Provisioning.Run(_root.Path, _platform, ["--media", PathOf("ovf-env.xml"), .. arguments]);
    }

    /// <summary>By a real sshd in a network of its own, that reads the file of authorized keys; as root, whom the host has.</summary>
    private string Login(string privateKey, string authorizedKeys)
    {
        Tool.Run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", PathOf("host"));
        File.WriteAllText(PathOf("sshd_config"), $"""
            ListenAddress 127.0.0.1:2222
            HostKey {PathOf("host")}
            AuthorizedKeysFile {authorizedKeys}
            PermitRootLogin prohibit-password
            StrictModes no
            UsePAM no
            PidFile {PathOf("sshd.pid")}

            """);
        string script = $"""
            mount -t tmpfs none /run && mkdir /run/sshd && ip link set lo up
            /usr/sbin/sshd -f {PathOf("sshd_config")} -E {PathOf("sshd.log")}
            ssh -F none -p 2222 -i {privateKey} -o IdentitiesOnly=yes -o BatchMode=yes -o ConnectionAttempts=20 -o StrictHostKeyChecking=no \
              -o UserKnownHostsFile=/dev/null root@127.0.0.1 id -un
            code=$?
            kill "$(cat {PathOf("sshd.pid")})"
            exit $code
            """;
        return Tool.Run("unshare", "--net", "--mount", "--", "sh", "-c", script);
    }
}
