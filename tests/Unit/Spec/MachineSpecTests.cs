using System;
using System.IO;
using System.Linq;
using Azprovision.Spec;
using Xunit;

namespace Azprovision.Tests.Unit.Spec;

public class MachineSpecTests
{
    private const string Key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f grace@laptop";

    private static readonly OvfEnvironment s_ovf = new(
        "1.0", "heron", "ada", null, null, [], [], null, null, null, null, null, new OvfDocument("<x/>", [], null));

    [Fact]
    public void Names_are_taken_as_they_are()
    {
        MachineSpec spec = MachineSpec.From("id", s_ovf, null);
        Assert.Equal(("id", "heron", "ada"), (spec.VmId, spec.HostName.Text, spec.User.Name.Text));
        Assert.Empty(spec.Warnings);
    }

    [Theory]
    [InlineData(null, false, null)]
    [InlineData(null, true, true)]
    [InlineData(true, true, false)]
    [InlineData(false, false, true)]
    public void Password_logins_by_ssh_follow_the_platform_then_the_password(bool? disable, bool hasPassword, bool? expected)
    {
        OvfEnvironment ovf = s_ovf with
        {
            DisableSshPasswordAuthentication = disable,
            UserPassword = hasPassword ? Secret.FromText("x") : null,
        };
        Assert.Equal(expected, MachineSpec.From(null, ovf, null).SshPasswordAuthentication);
    }

    [Theory]
    [InlineData("C0FFEE")]
    [InlineData("c0ffee")]
    [InlineData(" C0:ff:EE\n")]
    [InlineData("C0 FF EE")]
    public void A_key_known_by_fingerprint_alone_comes_from_the_certificate(string fingerprint)
    {
        OvfEnvironment ovf = s_ovf with { PublicKeys = [new OvfPublicKey(fingerprint, "/home/ada/x", null)] };
        Assert.True(MachineSpec.From(null, ovf, null).NeedsCertificates);
        PlatformCertificate[] certificates =
            [new("BADCAFE", null, [], null), new("C0FFEE", Key, [1], null)];
        MachineSpec spec = MachineSpec.From(null, ovf, null, certificates);
        Assert.Equal((Key, "/home/ada/x"), (Assert.Single(spec.User.Keys).Key.Line, spec.User.Keys[0].Path));
        Assert.False(spec.NeedsCertificates);
        Assert.Empty(spec.Warnings);
    }

    [Fact]
    public void A_key_pair_needs_the_certificate_with_its_private_key()
    {
        OvfEnvironment ovf = s_ovf with { KeyPairs = [new OvfKeyPair("C0FFEE", "/home/ada/x")] };
        var bare = new PlatformCertificate("C0FFEE", Key, [1], null);
        Assert.True(MachineSpec.From(null, ovf, null, [bare]).NeedsCertificates);
        PlatformCertificate whole = bare with { PrivateKeyPem = Secret.FromText("key") };
        MachineSpec spec = MachineSpec.From(null, ovf, null, [bare, whole]);
        Assert.Same(whole, Assert.Single(spec.User.KeyPairs).Certificate);
        Assert.False(spec.NeedsCertificates);
    }

    [Fact]
    public void Keys_given_in_full_need_no_certificates() =>
        Assert.False(MachineSpec.From(null, s_ovf with { PublicKeys = [new OvfPublicKey("C0FFEE", null, Key)] }, null).NeedsCertificates);

    [Theory]
    [InlineData("HostName")]
    [InlineData("UserName")]
    public void A_missing_name_is_told_in_the_words_of_cloud_init(string element)
    {
        OvfEnvironment ovf = element == "HostName" ? s_ovf with { HostName = null } : s_ovf with { UserName = null };
        Assert.Equal(
            $"unexpected metadata parsing ovf-env.xml: missing configuration for '{element}'",
            Assert.Throws<InvalidDataException>(() => MachineSpec.From(null, ovf, null)).Message);
    }

    [Theory]
    [InlineData("é", 72, true)]
    [InlineData("é", 73, false)]
    [InlineData("\U0001F600", 72, true)]
    public void A_password_has_at_most_72_characters_whatever_their_bytes(string character, int count, bool accepted)
    {
        string text = string.Concat(Enumerable.Repeat(character, count));
        OvfEnvironment ovf = s_ovf with { UserPassword = Secret.FromText(text) };
        if (accepted)
        {
            Assert.NotNull(MachineSpec.From(null, ovf, null).User.Password);
        }
        else
        {
            string message = Assert.Throws<InvalidDataException>(() => MachineSpec.From(null, ovf, null)).Message;
            Assert.Equal("unsupported password length=73 max=72", message);
        }
    }

    [Theory]
    [InlineData("REDACTED")]
    [InlineData("*")]
    public void The_placeholder_of_a_cached_copy_is_no_password(string placeholder)
    {
        MachineSpec spec = MachineSpec.From(null, s_ovf with { UserPassword = Secret.FromText(placeholder) }, null);
        Assert.Null(spec.User.Password);
        Assert.True(spec.User.KeepsPassword);
        Assert.Null(spec.SshPasswordAuthentication);
    }

    [Theory]
    [InlineData(null, null, "None")]
    [InlineData(false, "None", "None")]
    [InlineData(true, null, "Running")]
    [InlineData(true, "None", "Running")]
    [InlineData(false, "Savable", "Savable")]
    [InlineData(null, "PreprovisionedOSDisk", "PreprovisionedOSDisk")]
    [InlineData(true, "Running", "Running")]
    public void The_kind_of_preprovisioning_comes_from_flag_and_type(bool? flag, string? type, string expected) => Assert.Equal(
        expected,
        MachineSpec.From(null, s_ovf with { PreprovisionedVm = flag, PreprovisionedVmType = type }, null).PreprovisionedVm.ToString());

    [Fact]
    public void A_key_without_value_is_left_out_with_a_warning_when_another_one_lets_the_user_in()
    {
        OvfEnvironment ovf = s_ovf with { PublicKeys = [new("C0FFEE", "/p", null), new("AB", "/q", Key)] };
        MachineSpec spec = MachineSpec.From(null, ovf, null);
        AuthorizedKey key = Assert.Single(spec.User.Keys);
        Assert.Equal((Key, "/q"), (key.Key.Line, key.Path));
        Assert.Contains("fingerprint 'C0FFEE' has no value", Assert.Single(spec.Warnings));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_bad_key_beside_a_good_one_is_left_out_with_a_warning_whoever_sent_them(bool isOfMedia)
    {
        const string Bad = "ssh-ed25519 AAAA";
        MachineSpec spec = isOfMedia
            ? MachineSpec.From(null, s_ovf with { PublicKeys = [new(null, null, Bad), new(null, null, Key)] }, null)
            : MachineSpec.From(null, s_ovf, Said("ada") with { PublicKeys = [Bad, Key] });
        Assert.Equal(Key, Assert.Single(spec.User.Keys).Key.Line);
        Assert.Contains("is cut short or damaged inside its base64; it is left out", Assert.Single(spec.Warnings));
    }

    [Fact]
    public void A_bad_key_of_the_media_may_be_a_good_one_of_imds()
    {
        OvfEnvironment ovf = s_ovf with { PublicKeys = [new(null, null, Key), new(null, null, Key[..60])] };
        string other = Key.Replace("IAABAgME", "IAABAgMF", StringComparison.Ordinal);
        MachineSpec spec = MachineSpec.From(null, ovf, Said("ada") with { PublicKeys = [Key, other] });
        Assert.Equal([Key, other], spec.User.Keys.Select(key => key.Key.Line));
    }

    [Fact]
    public void A_secret_prints_as_a_secret()
    {
        OvfEnvironment ovf = s_ovf with
        {
            UserPassword = Secret.FromText("hunter2"),
            CustomData = Secret.FromText("hunter2"),
            Document = new OvfDocument("<UserPassword>hunter2</UserPassword>", [14..21], Secret.FromText("hunter2")),
        };
        Assert.DoesNotContain("hunter2", $"{ovf}{MachineSpec.From(null, ovf, null)}");
        Assert.DoesNotContain("hunter2", System.Text.Encoding.UTF8.GetString(ovf.Document.WithPassword("")));
    }

    [Fact]
    public void Media_win_over_imds_and_imds_fills_what_they_leave_open()
    {
        OvfEnvironment ovf = s_ovf with { UserName = null };
        var imds = new ImdsInstance("id", "other", "grace", true, [Key], Secret.FromText("data"), null, "None", IsWhole: true);
        MachineSpec spec = MachineSpec.From(null, ovf, imds);
        Assert.Equal(("media+imds", "id", "heron", "grace"), (spec.Source, spec.VmId, spec.HostName.Text, spec.User.Name.Text));
        Assert.False(spec.SshPasswordAuthentication);
        Assert.Equal(Key, Assert.Single(spec.User.Keys).Key.Line);
        Assert.Equal("data"u8.ToArray(), spec.UserData!.Reveal().ToArray());
    }

    [Fact]
    public void A_bad_value_of_the_media_gives_way_to_a_good_one_of_imds()
    {
        OvfEnvironment ovf = s_ovf with { UserName = "a/b", PublicKeys = [new(null, null, "none")] };
        var imds = Said("grace") with { PublicKeys = [Key] };
        MachineSpec spec = MachineSpec.From(null, ovf, imds);
        Assert.Equal("grace", spec.User.Name.Text);
        Assert.Equal(Key, Assert.Single(spec.User.Keys).Key.Line);
        Assert.Equal(2, spec.Warnings.Count);
    }

    [Fact]
    public void An_empty_key_list_of_imds_hides_no_key_of_the_media()
    {
        OvfEnvironment ovf = s_ovf with { PublicKeys = [new(null, null, Key)] };
        MachineSpec spec = MachineSpec.From(null, ovf, Said(null));
        Assert.Equal(Key, Assert.Single(spec.User.Keys).Key.Line);
    }

    [Theory]
    [InlineData("C0FFEE", "SSH key with fingerprint 'C0FFEE' has no value in ovf-env.xml, and there is no certificate for it")]
    [InlineData(null, "SSH key has neither a value nor a fingerprint in ovf-env.xml")]
    public void A_key_that_nobody_has_is_told(string? fingerprint, string expected)
    {
        OvfEnvironment ovf = s_ovf with { PublicKeys = [new(fingerprint, "/p", null)] };
        MachineSpec spec = MachineSpec.From(null, ovf, null);
        Assert.Equal(expected, spec.UnknownKey);
        Assert.Equal($"{expected}; it is left out", Assert.Single(spec.Warnings));
    }

    [Fact]
    public void A_key_known_by_fingerprint_alone_comes_from_imds_without_line_breaks()
    {
        OvfEnvironment ovf = s_ovf with { PublicKeys = [new("C0FFEE", "/p", null)] };
        var imds = Said(null) with { PublicKeys = [Key.Replace("BAgM", "BAg\r\nM") + "\r\n"] };
        MachineSpec spec = MachineSpec.From(null, ovf, imds);
        Assert.Equal(Key, Assert.Single(spec.User.Keys).Key.Line);
        Assert.Null(spec.UnknownKey);
    }

    [Theory]
    [InlineData(true, "the custom data of this machine, which IMDS knows of but does not tell, are missing, and a password is not set")]
    [InlineData(false, "a password, which IMDS does not tell, is not set")]
    [InlineData(null, "a password and custom data, which IMDS does not tell, are not set")]
    public void Without_media_the_password_is_left_alone_and_a_warning_says_what_is_missing(bool? hasCustomData, string missing)
    {
        var imds = new ImdsInstance("id", "heron", "ada", null, [Key], null, hasCustomData, "Savable", IsWhole: true);
        MachineSpec spec = MachineSpec.From(null, null, imds);
        Assert.Equal(("imds", PreprovisionedVmType.Savable), (spec.Source, spec.PreprovisionedVm));
        Assert.True(spec.User.KeepsPassword);
        Assert.Equal($"there are no provisioning media: {missing}", Assert.Single(spec.Warnings));
    }

    [Fact]
    public void What_imds_leaves_out_is_not_blamed_on_media_that_are_not_there() => Assert.Equal(
        "IMDS does not tell what ovf-env.xml calls 'UserName', and there are no media",
        Assert.Throws<InvalidDataException>(() => MachineSpec.From(
            null, null, Said(null) with { HostName = "heron" })).Message);

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void Media_that_say_it_all_leave_nothing_open(bool isComplete, bool expected)
    {
        OvfEnvironment ovf = s_ovf with
        {
            DisableSshPasswordAuthentication = true,
            PublicKeys = [new("F", null, isComplete ? Key : null)],
        };
        Assert.Equal(expected, MachineSpec.LeavesOpen(ovf));
    }

    private static ImdsInstance Said(string? userName) => new(null, null, userName, null, [], null, null, null, IsWhole: true);
}
