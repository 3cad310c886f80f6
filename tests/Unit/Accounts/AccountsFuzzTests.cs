using System;
using System.Collections.Generic;
using System.Text;
using Azprovision.Accounts;
using Azprovision.Spec;
using Azprovision.Sshd;
using Azprovision.Tests.Unit.Support;
using Xunit;

namespace Azprovision.Tests.Unit.Accounts;

/// <summary>Damaged account files: an edit adds or changes one line, and every other line is there as before.</summary>
public class AccountsFuzzTests
{
    private static readonly byte[][] s_passwd =
    [
        .. Bytes(
            "root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:1::/:/bin/sh\nlinus:x:1000:1000:,,,:/home/linus:/bin/sh\n",
            "root:x:0:0:root:/root:/bin/bash\r\nada:x:1000:1000::/home/ada:/bin/sh\r\n+::::::\n-eve\n",
            "linus\nlinus:\nlinus:x:1000:\nlinus:x:a:b:c:d:e\n:::::::\n\n\n"),
    ];

    [Fact]
    public void Passwd() => Fuzz.Run(s_passwd, content =>
    {
        var file = new PasswdFile(content);
        bool isThere = file.Find("linus") is not null;
        if (isThere)
        {
            file.SetPassword("linus", "H");
        }
        else
        {
            var group = GroupFile.Parse(content);
            (uint uid, uint gid) = UserAccount.ChooseIds(
                "linus", [.. file.Uids().Keys], group.Gids(), group.GidOf("linus"), 1000, 60000);
            file.Add(new PasswdEntry("linus", "H", uid, gid, "/home/linus", "/bin/sh"));
        }

        Assert.Equal("H", file.Find("linus")?.Password);
        AssertOneLineDiffers(content, file.ToBytes(), isNew: !isThere);
    });

    [Fact]
    public void Shadow() => Fuzz.Run(
        [.. Bytes("root:*:19000:0:99999:7:::\nlinus:!:19000:0:99999:7:::\n", "a:$6$x$y:1:2:3:4:5:6:7\r\nlinus:\n+\n")],
        content =>
        {
            var file = new ShadowFile(content);
            bool isNew = file.PasswordOf("linus") is null;
            file.SetPassword("linus", "H", 1, new PasswordAging("0", "99999", "7"));
            Assert.Equal("H", file.PasswordOf("linus"));
            AssertOneLineDiffers(content, file.ToBytes(), isNew);
        });

    [Fact]
    public void Group() => Fuzz.Run([.. Bytes("root:x:0:\nsudo:x:27:a,b,c\nusers:x:100:\n", "sudo:*::a\r\nwheel:!::\n+:::")], content =>
    {
        foreach (bool isShadow in (bool[])[false, true])
        {
            GroupFile file = isShadow ? GroupFile.ParseShadow(content) : GroupFile.Parse(content);
            file.AddMember("sudo", "linus");
            AssertOneLineDiffers(content, file.ToBytes(), isNew: false);
            GroupFile added = isShadow ? GroupFile.ParseShadow(content) : GroupFile.Parse(content);
            added.Add("linus", 1000);
            AssertOneLineDiffers(content, added.ToBytes(), isNew: true);
        }
    });

    [Fact]
    public void Subordinate_ids() => Fuzz.Run([.. Bytes("a:100000:65536\nb:165536:65536\nc:4294901760:65535\n")], content =>
    {
        var file = new SubordinateIds(content);
        _ = file.TryAdd("linus", new SubordinateRange(100000, 600100000, 65536));
        byte[] after = file.ToBytes();
        if (!after.AsSpan().SequenceEqual(content))
        {
            AssertOneLineDiffers(content, after, isNew: true);
        }
    });

    [Fact]
    public void Defaults() => Fuzz.Run(
        [.. Bytes("UID_MIN 1000\nUID_MAX\t60000\nHOME_MODE 0700\nSUB_UID_COUNT 0x10000\nPASS_MAX_DAYS -1\n", "SHELL=/bin/sh\nHOME=/home\nSKEL=/etc/skel\n")],
        content =>
        {
            var defs = new LoginDefs(content);
            Assert.InRange(defs.UidMin, 1u, uint.MaxValue);
            Assert.InRange(defs.HomeMode, 0u, 0xFFFu);
            Assert.DoesNotContain(':', $"{defs.Aging}{defs.SubordinateUids}{defs.UidMax}");
            UserDefaults defaults = UserDefaults.Parse(content);
            Assert.StartsWith("/", defaults.HomeBase);
            Assert.DoesNotContain(':', $"{defaults.HomeBase}{defaults.Shell}{defaults.Skeleton}");
        });

    [Fact]
    public void Authorized_keys() => Fuzz.Run(
        [.. Bytes("# a\ncommand=\"x \\\" y\" ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f c\n\nx")],
        content =>
        {
            var file = new AuthorizedKeysFile(content);
            _ = file.FirstForeignLine;
            SshPublicKey key = SshPublicKey.ParseAll(
                "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIP/+/fz7+vn49/b19PPy8fDv7u3s6+rp6Ofm5eTj4uHg", [])[0];
            file.Add(key);
            file.Add(key);
            AssertOneLineDiffers(content, file.ToBytes(), isNew: true);
        });

    private static IEnumerable<byte[]> Bytes(params string[] texts)
    {
        foreach (string text in texts)
        {
            yield return Encoding.Latin1.GetBytes(text);
        }
    }

    private static void AssertOneLineDiffers(byte[] before, byte[] after, bool isNew)
    {
        List<string> old = Lines(before);
        List<string> now = Lines(after);
        Assert.Equal(old.Count + (isNew ? 1 : 0), now.Count);
        int same = 0;
        while (same < old.Count && old[same] == now[same])
        {
            same++;
        }

        int skip = isNew ? same : same + 1;   // of the old lines
        for (int i = skip; i < old.Count; i++)
        {
            Assert.Equal(old[i], now[i + (isNew ? 1 : 0)]);
        }
    }

    private static List<string> Lines(byte[] content)
    {
        List<string> lines = [.. Encoding.Latin1.GetString(content).Split('\n')];
        if (lines[^1].Length == 0)
        {
            lines.RemoveAt(lines.Count - 1);
        }

        return lines;
    }
}
