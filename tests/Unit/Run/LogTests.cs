using System;
using System.Collections.Generic;
using System.Text;
using Azprovision.Run;
using Azprovision.Tests.Unit.Support;
using Xunit;

namespace Azprovision.Tests.Unit.Run;

public class LogTests
{
    [Fact]
    public void A_text_that_the_kernel_would_refuse_as_a_whole_comes_in_pieces()
    {
        string text = "ab" + new string('€', 1000);
        List<string> pieces = Log.Pieces(text);
        Assert.Equal(text, string.Concat(pieces));
        Assert.All(pieces, piece => Assert.InRange(Encoding.UTF8.GetByteCount(piece), 1, 900));
        Assert.Equal([""], Log.Pieces(""));
    }

    [Fact]
    public void A_wait_is_told_every_15_seconds_with_the_time_that_is_left()
    {
        var time = new ManualTime();
        using var log = new LogFile(time);
        var deadline = Deadline.After(TimeSpan.FromSeconds(40.5), time);
        for (int second = 0; second <= 40; second++)
        {
            log.Log.StillWaiting(second < 20 ? "a network" : "IMDS", deadline);
            time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(
            ["azprovision: waiting for a network, for at most 26 s more", "azprovision: waiting for IMDS, for at most 11 s more"],
            log.Lines);
    }

    [Theory]
    [InlineData((int)LogForm.Text, "azprovision: warning: text\nazprovision: done\n")]
    [InlineData((int)LogForm.File, "2026-11-25T12:00:00Z warning: text\n2026-11-25T12:00:00Z done\n")]
    [InlineData((int)LogForm.Journal, "<4>text\n<6>done\n")]
    public void Each_reader_gets_what_it_has_not_itself(int form, string expected)
    {
        using var log = new LogFile(new FixedTime(2026, 11, 25), (LogForm)form);
        log.Log.Warning("text");
        log.Log.Info("done");
        Assert.Equal(expected, log.Text);
    }

    [Fact]
    public void An_event_is_one_line_without_control_characters_whatever_its_text()
    {
        using var log = new LogFile();
        log.Log.Error("open '/a\n<0>b\u001b[31m\u009bm\0ä': No such file or directory");
        Assert.Equal(
            "azprovision: error: open '/a\\x0a<0>b\\x1b[31m\\x9bm\\x00ä': No such file or directory", Assert.Single(log.Lines));
    }
}
