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
    public void An_event_is_one_line_without_control_characters_whatever_its_text()
    {
        using var log = new LogFile();
        log.Log.Error("open '/a\n<0>b\u001b[31m\u009bm\0ä': No such file or directory");
        Assert.EndsWith(
            "]: open '/a\\x0a<0>b\\x1b[31m\\x9bm\\x00ä': No such file or directory", Assert.Single(log.Lines));
    }
}
