using System.IO;
using System.Text;
using Azprovision.Azure;
using Azprovision.Tests.Platform;
using Xunit;

namespace Azprovision.Tests.Unit.Azure;

public class CertificateFileTests
{
    [Theory]
    [InlineData("Pkcs7BlobWithPfxContents")]
    [InlineData("")]
    public void The_data_are_decoded_whatever_their_lines(string format)
    {
        byte[] data = new byte[100];
        Assert.Equal(data, CertificateFile.Parse(Encoding.UTF8.GetBytes(CertificateAnswers.Document(format, data))));
    }

    [Theory]
    [InlineData("<CertificateFile/>")]
    [InlineData("<CertificateFile><Format>x</Format></CertificateFile>")]
    [InlineData("<CertificateFile><Data/></CertificateFile>")]
    [InlineData("<CertificateFile><X><Data>AAAA</Data></X></CertificateFile>")]
    public void No_data_are_no_certificates(string document) => Assert.Null(CertificateFile.Parse(Encoding.UTF8.GetBytes(document)));

    [Theory]
    [InlineData("")]
    [InlineData("not XML")]
    [InlineData("<CertificateFile><Data>*</Data></CertificateFile>")]
    [InlineData("<CertificateFile><Format>CertificatesNonPfxPackage</Format><Data>AAAA</Data></CertificateFile>")]
    public void Another_kind_of_answer_is_refused(string document) =>
        Assert.Throws<InvalidDataException>(() => CertificateFile.Parse(Encoding.UTF8.GetBytes(document)));

    [Fact]
    public void The_goal_state_tells_where_the_certificates_are()
    {
        GoalState goal = GoalState.Parse(Encoding.UTF8.GetBytes(CertificateAnswers.GoalState))!;
        Assert.Equal($"http://168.63.129.16:80{CertificateAnswers.Target}", goal.CertificatesUrl);
        Assert.Null(GoalState.Parse(Encoding.UTF8.GetBytes(AzurePlatform.GoalState))!.CertificatesUrl);
    }
}
