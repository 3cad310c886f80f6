using System;
using System.Text;
using Azprovision.Accounts;
using Xunit;

namespace Azprovision.Tests.Unit.Accounts;

public class Sha512CryptTests
{
    // Two of this project's own, which glibc and OpenSSL agree on; then those of Drepper's specification; then two of
    // openssl passwd -6 for the longest password and for bytes beyond ASCII.
    [Theory]
    [InlineData("correct horse", "$6$Ab3dEf9hJk$4Pg5In7e9vPN09yaenhJVN7VfVv9NrPd0yTe3.zZZRk/VUg6Dqscpg.ptDVcVoQjLPqeK8s.vyajLcmP8c8iJ1")]
    [InlineData("correct horse", "$6$rounds=10000$./aZ09bcdefGHIJK$acZvXWUVE9GnnGy25KO6DBsBDqubZ7mwmiBn8yzRFRShubSghH.6SCMtti6LTh5/nwGBjcOPS4wSemuT7uRQK/")]
    [InlineData("Hello world!", "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1")]
    [InlineData("Hello world!", "$6$rounds=10000$saltstringsaltst$OW1/O6BYHV6BcXZu8QVeXbDWra3Oeqh0sbHbbMCVNSnCM/UrjmM0Dp8vOuZeHBy/YTBmSK6H9qs/y3RnOaw5v.")]
    [InlineData("This is just a test", "$6$rounds=5000$toolongsaltstrin$lQ8jolhgVRVhY4b5pZKaysCLi0QBxGoNeKQzQ3glMhwllF7oGDZxUhx1yxdYcz/e1JSbq3y6JMxxl8audkUEm0")]
    [InlineData("a very much longer text to encrypt.  This one even stretches over morethan one line.", "$6$rounds=1400$anotherlongsalts$POfYwTEok97VWcjxIiSOjiykti.o/pQs.wPvMxQ6Fm7I6IoYN3CmLs66x9t0oSwbtEW7o7UmJEiDwGqd8p4ur1")]
    [InlineData("we have a short salt string but not a short password", "$6$rounds=77777$short$WuQyW2YR.hBNpjjRhpYD/ifIw05xdfeEyQoMxIXbkvr0gge1a1x3yRULJ5CCaUeOxFmtlcGZelFl5CxtgfiAc0")]
    [InlineData("the minimum number is still observed", "$6$rounds=1000$roundstoolow$kUMsbe306n21p9R.FRkW3IGn.S9NPN0x50YhH1xhLsPuWGsUSklZt58jaTfF4ZEQpyUNGc0dqbpBYYBaHHrsX.")]
    [InlineData("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "$6$0123456789abcdef$15pNlbRjNXoaf2vPQFXgb6USsld6niGUPd/s7/X38qZI/uISRlEN27701Z2kLf303iP1fy3T8DUfLnJfzgLcB.")]
    [InlineData("pässwörd", "$6$a$OKrcUSoIZoiG4funxwR5M0Cdjn4r6bVFeOsvtx043G7n7r8nLbeKuJB5/YRFX2PMrcP/rrx/9NoGI.2s53a92.")]
    public void Published_hashes_come_out_of_their_passwords(string password, string hash)
    {
        string[] fields = hash.Split('$');
        bool hasRounds = fields[2].StartsWith("rounds=", StringComparison.Ordinal);
        int? rounds = hasRounds ? int.Parse(fields[2].AsSpan(7)) : null;
        byte[] bytes = Encoding.UTF8.GetBytes(password);
        Assert.Equal(hash, Sha512Crypt.Hash(bytes, fields[hasRounds ? 3 : 2], rounds));
        Assert.True(Sha512Crypt.Matches(bytes, hash));
        Assert.False(Sha512Crypt.Matches(Encoding.UTF8.GetBytes(password + "!"), hash));
    }

    [Fact]
    public void Only_sixteen_characters_of_the_salt_count() =>
        Assert.Equal(Sha512Crypt.Hash("p"u8, "nineteencharacte"), Sha512Crypt.Hash("p"u8, "nineteencharactersa"));

    [Theory]
    [InlineData("")]
    [InlineData("*")]
    [InlineData("!")]
    [InlineData("$6$")]
    [InlineData("$6$salt")]
    [InlineData("$6$rounds=$salt$x")]
    [InlineData("$6$rounds=-1$salt$x")]
    [InlineData("$6$rounds=5000")]
    [InlineData("$6$rounds=99999999999$salt$x")]
    [InlineData("$6$rounds=999999999$salt$x")]
    [InlineData("$5$rounds=10000$saltstringsaltst$3xv.VbSCBX41eDL9L3voE9z63ONQz1/OQbKaxgqE5oB")]
    [InlineData("!$6$Ab3dEf9hJk$4Pg5In7e9vPN09yaenhJVN7VfVv9NrPd0yTe3.zZZRk/VUg6Dqscpg.ptDVcVoQjLPqeK8s.vyajLcmP8c8iJ1")]
    public void What_is_no_hash_of_this_kind_matches_nothing(string hash)
    {
        Assert.False(Sha512Crypt.Matches("correct horse"u8, hash));
        Assert.False(Sha512Crypt.Matches(""u8, hash));
    }

    [Fact]
    public void A_salt_is_sixteen_characters_of_the_alphabet_and_another_each_time()
    {
        string one = Salt.Make(TimeProvider.System);
        Assert.Equal(16, one.Length);
        Assert.All(one, c => Assert.Contains(c, Sha512Crypt.Alphabet));
        Assert.NotEqual(one, Salt.Make(TimeProvider.System));
    }
}
