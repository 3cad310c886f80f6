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
            ["<6>azprovision[15.000]: waiting for a network, 26 s yet at most", "<6>azprovision[30.000]: waiting for IMDS, 11 s yet at most"],
            log.Lines);
    }

    [Fact]
    public void An_event_is_one_line_without_control_characters_whatever_its_text()
    {
        using var log = new LogFile();
        log.Log.Error("open '/a\n<0>b\u001b[31m\u009bm\0ä': No such file or directory");
        Assert.EndsWith(
            "]: open '/a\\x0a<0>b\\x1b[31m\\x9bm\\x00ä': No such file or directory", Assert.Single(log.Lines));
    }
}
