using System;
using Azprovision.Files;
using Azprovision.Sshd;
using Azprovision.Tests.Unit.Support;
using Xunit;

namespace Azprovision.Tests.Unit.Sshd;

public sealed class SshdLoginTests : IDisposable
{
    private const string Main = "/etc/ssh/sshd_config";

    private readonly TempRoot _root = new();

    public void Dispose() => _root.Dispose();

    [Theory]
    [InlineData("", null)]
    [InlineData("AllowUsers eve ada", null)]
    [InlineData("AllowUsers eve\nAllowUsers a?a", null)]
    [InlineData("AllowUsers ada@10.0.0.0/8", null)]
    [InlineData("AllowUsers eve", "line 1: AllowUsers does not name 'ada'!")]
    [InlineData("AllowUsers !ada *", null)]
    [InlineData("AllowUsers !eve", "line 1: AllowUsers does not name 'ada'")]
    [InlineData("AllowUsers eve\nMatch Address 10.0.0.0/8\nAllowUsers ada", null)]
    [InlineData("Match Address 10.0.0.0/8\nAllowUsers eve", "line 2: AllowUsers does not name 'ada'")]
    [InlineData("Match User eve\nAllowUsers eve", null)]
    [InlineData("AllowGroups sudo", null)]
    [InlineData("AllowGroups ssh", "line 1: AllowGroups does not name 'ada'")]
    [InlineData("AllowUsers ada\nAllowGroups ssh", "line 2: AllowGroups does not name 'ada'")]
    [InlineData("DenyUsers root ada", "line 1: DenyUsers names 'ada'!")]
    [InlineData("DenyUsers ada@10.0.0.1", "line 1: DenyUsers names 'ada@10.0.0.1'")]
    [InlineData("DenyGroups s*", "line 1: DenyGroups names 's*'")]
    public void Who_is_let_in_is_read_as_sshd_does(string config, string? doubt) =>
        AssertDoubt(doubt, Login(config).AboutUser());

    [Theory]
    [InlineData("", null)]
    [InlineData("PubkeyAuthentication yes\nPubkeyAuthentication no", null)]
    [InlineData("PubkeyAuthentication no", "line 1: PubkeyAuthentication is 'no'!")]
    [InlineData("PubkeyAuthentication no\nMatch User a*\nPubkeyAuthentication yes", null)]
    [InlineData("PubkeyAuthentication no\nMatch Address 10.0.0.0/8\nPubkeyAuthentication yes", "line 1: PubkeyAuthentication is 'no'")]
    [InlineData("Match Group sudo\nPubkeyAuthentication no", "line 2: PubkeyAuthentication is 'no'!")]
    [InlineData("Match Group !sudo,*\nPubkeyAuthentication no", null)]
    [InlineData("Match Group sudo Address 10.0.0.0/8\nPubkeyAuthentication no", "line 2: PubkeyAuthentication is 'no'")]
    [InlineData("Match User eve Address 10.0.0.0/8\nPubkeyAuthentication no", null)]
    [InlineData("Match User *,!ada\nPubkeyAuthentication no", null)]
    [InlineData("AuthorizedKeysFile none", "line 1: sshd is told to read no authorized_keys file!")]
    [InlineData("AuthorizedKeysFile none\nAuthorizedKeysCommand /bin/x", "line 1: sshd is told to read no authorized_keys file")]
    [InlineData("AuthorizedKeysFile none\nTrustedUserCAKeys /etc/ssh/ca", "line 1: sshd is told to read no authorized_keys file")]
    [InlineData("Match User ada\nAuthorizedKeysFile /keys/%u", null)]
    [InlineData("Match Host x\nAuthorizedKeysFile /keys/%u", "line 2: AuthorizedKeysFile is another for some connections")]
    [InlineData("AuthenticationMethods publickey,password", "line 1: AuthenticationMethods asks for more than 'ada' has")]
    [InlineData("AuthenticationMethods publickey,password publickey", null)]
    [InlineData("AuthenticationMethods any", null)]
    [InlineData("Match Group sudo\nAuthenticationMethods publickey,keyboard-interactive:pam", "line 2: AuthenticationMethods asks for more than 'ada' has")]
    public void What_a_key_is_worth_is_read_as_sshd_does(string config, string? doubt) =>
        AssertDoubt(doubt, Login(config).AboutKeys(hasPassword: false));

    [Theory]
    [InlineData("", null)]
    [InlineData("UsePAM yes\nPasswordAuthentication no", null)]   // the other way is open
    [InlineData("PasswordAuthentication no", "line 1: PasswordAuthentication is 'no'")]
    [InlineData("PasswordAuthentication no\nKbdInteractiveAuthentication no", "line 1: PasswordAuthentication is 'no'!")]
    [InlineData("PasswordAuthentication no\nChallengeResponseAuthentication no", "line 1: PasswordAuthentication is 'no'!")]
    [InlineData("PasswordAuthentication no\nKbdInteractiveAuthentication no\nChallengeResponseAuthentication yes", "line 1: PasswordAuthentication is 'no'!")]
    [InlineData("PasswordAuthentication no\nChallengeResponseAuthentication yes\nKbdInteractiveAuthentication no", "line 1: PasswordAuthentication is 'no'")]
    [InlineData("PasswordAuthentication no\nKbdInteractiveAuthentication no\nMatch User ada\nPasswordAuthentication yes", null)]
    [InlineData(
        "PasswordAuthentication no\nKbdInteractiveAuthentication no\nMatch Address 10.0.0.0/8\nPasswordAuthentication yes",
        "line 1: PasswordAuthentication is 'no'")]
    [InlineData("AuthenticationMethods publickey", "line 1: AuthenticationMethods asks for more than 'ada' has")]
    [InlineData("AuthenticationMethods publickey password", null)]
    public void What_a_password_is_worth_is_read_as_sshd_does(string config, string? doubt) =>
        AssertDoubt(doubt, Login(config).AboutPassword());

    [Fact]
    public void What_is_included_below_a_Match_counts_where_that_does()
    {
        _root.With("/etc/ssh/keys.conf", "PubkeyAuthentication no\nMatch Address 10.0.0.0/8\nAuthorizedKeysFile none\n");
        AssertDoubt("line 1: PubkeyAuthentication is 'no'!", Login("Match User ada\nInclude keys.conf").AboutKeys(hasPassword: false));
        AssertDoubt(null, Login("Match User eve\nInclude keys.conf").AboutKeys(hasPassword: false));
    }

    // "!" at the end: certain.
    private static void AssertDoubt(string? expected, SshdDoubt? doubt) => Assert.Equal(
        expected, doubt is null ? null : doubt.ToString().Split("' ", 2)[1] + (doubt.IsCertain ? "!" : ""));

    private SshdLogin Login(string config)
    {
        _root.With(Main, $"{config}\n");
        return new SshdLogin(SshdConfig.TryRead(new PlannedRoot(_root.Files))!, "ada", ["ada", "sudo"]);
    }
}
