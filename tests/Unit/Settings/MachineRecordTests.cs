using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using Azprovision.Settings;
using Azprovision.Spec;
using Azprovision.Tests.Unit.Support;
using Xunit;

namespace Azprovision.Tests.Unit.Settings;

public sealed class MachineRecordTests : IDisposable
{
    private const string Path = "/data/record";
    private const string Key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f ädä@laptop";

    private readonly TempRoot _root = new();
    private readonly Planned _planned;
    private readonly State _state = new("/data");

    public MachineRecordTests() => _planned = new Planned(_root);

    public void Dispose() => _root.Dispose();

    [Theory]
    [InlineData(true, "$6$salt$hash", null)]
    [InlineData(false, "*", "/srv/keys/linus")]
    [InlineData(null, "", "/srv/ä key")]
    [InlineData(null, null, null)]
    public void What_was_written_is_read_again(bool? takesPasswords, string? hash, string? keyPath)
    {
        MachineSpec spec = Spec(takesPasswords, keyPath);
        Plan(spec, hash);
        MachineRecord record = MachineRecord.TryRead(_root.Files, _state)!;
        Assert.Equal(spec.VmId, record.Spec.VmId);
        Assert.Equal(spec.HostName, record.Spec.HostName);
        Assert.Equal(spec.User.Name, record.Spec.User.Name);
        Assert.Equal(spec.User.Keys, record.Spec.User.Keys);
        Assert.Equal(takesPasswords, record.Spec.SshPasswordAuthentication);
        RecordedAccount account = record.Spec.User.Recorded!;
        Assert.Equal((1000u, 50u, "staff"), (account.Uid, account.Gid, account.Group));
        Assert.Equal(hash, account.PasswordHash is { } field ? Encoding.UTF8.GetString(field.Reveal()) : null);
        Assert.True(record.MadeUser);
        Assert.False(record.Spec.ProvisionGuestAgent);
    }

    [Fact]
    public void A_run_that_finds_the_user_of_the_one_before_it_does_not_think_that_the_image_had_it()
    {
        Plan(Spec(null, null), "*");
        Plan(Spec(null, null), "*", isNew: false);
        Assert.True(MachineRecord.TryRead(_root.Files, _state)!.MadeUser);
        // Nor does another machine that was made of this one's disk.
        Plan(Spec(null, null) with { VmId = "11111111-e5f6-0718-293a-4b5c6d7e8f90" }, "*", isNew: false);
        Assert.True(MachineRecord.TryRead(_root.Files, _state)!.MadeUser);
        Plan(Spec(null, null), "*", isNew: false, uid: 1001);
        Assert.False(MachineRecord.TryRead(_root.Files, _state)!.MadeUser);
    }

    [Theory]
    [InlineData("version 1\n", "version 2\n", "version '2' is not 1")]
    [InlineData("uid 1000\n", "uid x\n", "'x' is not a uid")]
    [InlineData("uid 1000\n", "", "the line 'uid' is missing")]
    [InlineData("group staff\n", "", "the line 'group' is missing")]
    [InlineData("end\n", "", "the line 'end' is missing")]
    [InlineData("host-name heron\n", "host-name he ron\n", "host name 'he ron'")]
    [InlineData("user linus\n", "user root\n", "root")]
    [InlineData("password-hash *\n", "password-hash a:b\n", "the hash of the password is none")]
    [InlineData("key ssh-ed25519", "key ssh-nothing", "SSH key")]
    public void A_damaged_one_is_told_by_place(string good, string bad, string message)
    {
        Plan(Spec(null, null), "*");
        string content = _root.Read(Path);
        Assert.Contains(good, content, StringComparison.Ordinal);
        File.WriteAllText(_root.HostPath(Path), content.Replace(good, bad, StringComparison.Ordinal));
        InvalidDataException e = Assert.Throws<InvalidDataException>(() => MachineRecord.TryRead(_root.Files, _state));
        Assert.StartsWith($"'{Path}': ", e.Message, StringComparison.Ordinal);
        Assert.Contains(message, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Whatever_stands_in_it_is_a_record_or_an_error()
    {
        Plan(Spec(true, "/x"), "$6$a$b");
        Fuzz.Run([File.ReadAllBytes(_root.HostPath(Path))], bytes =>
        {
            File.WriteAllBytes(_root.HostPath(Path), bytes);
            try
            {
                _ = MachineRecord.TryRead(_root.Files, _state);
            }
            catch (InvalidDataException)
            {
                // What a damaged file is for.
            }
        });
    }

    private void Plan(MachineSpec spec, string? hash, bool isNew = true, uint uid = 1000)
    {
        var account = new Account("linus", uid, 50, "/home/linus", "/bin/sh", isNew, HasPassword: false)
        {
            Group = "staff",
            PasswordHash = hash is null ? null : Secret.FromText(hash),
        };
        MachineRecord.Plan(_planned.Root, _state, spec, account);
        _planned.Apply();
    }

    private static MachineSpec Spec(bool? takesPasswords, string? keyPath)
    {
        var keys = new List<AuthorizedKey> { new(SshPublicKey.Parse(Key), keyPath), new(SshPublicKey.Parse(Key + "2"), null) };
        return new MachineSpec(
            "media", "d4c3b2a1-f6e5-1807-293a-4b5c6d7e8f90", HostName.Parse("heron"),
            new UserSpec(UserName.Parse("linus"), null, false, keys, []), takesPasswords, null, null,
            PreprovisionedVmType.None, false, false, null, null, []);
    }
}
