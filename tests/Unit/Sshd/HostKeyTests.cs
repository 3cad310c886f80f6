using System.Linq;
using Azprovision.Sshd;
using Azprovision.Tests.Unit.Support;
using Xunit;

namespace Azprovision.Tests.Unit.Sshd;

public class HostKeyTests
{
    private const string Key0 =
        "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQC9W8WjHHuajgGYseWc6cm5cVqjYFCFkLFWem01qPCM7/GC3FiO" +
        "sbjrwdR2ukP0nmsEAUSgKRQHR5eZ6g89MSg++sh/YJutJqReMCXJQekxRlZ1UPTMDl+zZ1r9IxlQde1Pl0+mDhCA" +
        "Teq7Ywv95TzdPTV27DJIiztHt8mtDL+QlZZyayJs7cCXuL04Sv3Kov6RF0ggq6GHoa4qtfg1ThTzwZeQkVVWgaUs" +
        "mvNmnxQgwB6OguiAXmuQmn97YeJOpoM3j4veZMEtkJmpESToJnYFt1GqH+6Cs6fpPR2p0pgvalsPc4BY7SAe7gMC" +
        "tXIGrERhY/rMLFwMihXcEqVnn7E/ root@heron";

    private const string Key1 =
        "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgDZf03mUc9QlH32urkCj55XEgCDNsdv94wupfZgrLFp4xAm/Z57/" +
        "owr0MQe4dbDI8/gmxn2eYh4H63g5UYCs8Nwkd814GmQYK81C4bpyDS2h5g5bVEwcWqlzLtHVKY4lf+BXFXSPe+HV" +
        "QksHbfqrcEgHp74xPb3dxLdM3xmBS5n62Fl+4w1CCUVQzQPEqEsHL87D3+76URAejXHTOZ8dDplg8pkgJZssANFF" +
        "MWGOcU+edVi7J9VoiD62H8AU+cIvRkKV/B6h4dnR6sz8R9T6ybAtwo4UJMT+O421Vihbf6Lm7LsHfxB479/TJxJC" +
        "rpM0qBxyUldzuI4Wm5gKdAa2dcegFilezdJMw8x42r1tOUr23pQou1xAN4HMa4mZqxcl9psm+m3FxF8oByWMhANB" +
        "7yEeI2RLmyqnsC7LsEt//a3rANYQ9QrsR2BoZCT2cHokviM+qSPvhlZbgxpKTN6CgOiIiemARyQyNmGz63oYsi85" +
        "d6IYe2Tt4fvZNctVfn2cZQ==";

    private const string Key2 =
        "ssh-dss AAAAB3NzaC1kc3MAAACBAPQMra3q1F2/4Ds4x0NmqWzwgXEXk/+P2fkmZ8sXbo2CU3oQHwzeB2q9L01R" +
        "Mj+EsI4RTvWWikFcO8q7cK6EvfbstBKV6kJZJnJ3cn+mDt52GeOKoBm7wKxfXNnIjZEPM5cdD/euvgHbc/ds68Nf" +
        "sO6jGVY2yiu+vwAnvP9F/Sq9AAAAFQD3eFY0ayT3+P9EnkNOk9tMI7VhkwAAAIEA2WisjjcaDdDwVD8y/jKDorYq" +
        "T8WItSh1luNxGj5Rf7/oSGEW+GrG/nfTnBw/fAyJj5DhAHvDF62c+N+nhUfjWUIDbyLP3vHXxOSlLOQffzxFMtsj" +
        "MoqsxkVyf42FTU2SQP/Lnt7MeGhjeOGdIugJvp4Q2Dnj/vnF1idpJg7LsiYAAACAJy8lnRp2qSfYKE/TNnAdtsal" +
        "RPJw4VS6ssxV6STxh2K1/Tr4galSWgBbH8gXG9B3BQoHsSP9kD+918rgCRICWkRKelC2AOTtYuud3g/uzmSHHZ1f" +
        "dhKWHd5plcSB65TsfmNXP4nw/4hXrA33WLKH2fCqFnTGlBvEYs2sQCRgn+c= a b";

    private const string Key3 =
        "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBMWEgaKLslJJzoKs" +
        "1UDa7L+3f2NPLyN2ZCoIxVmzTxdpUEc4dioBwI0qej9AiXR5Pj+r2BA8PaP+J/rz/7QbliQ= x";

    private const string Key4 =
        "ecdsa-sha2-nistp384 AAAAE2VjZHNhLXNoYTItbmlzdHAzODQAAAAIbmlzdHAzODQAAABhBDnld0ZgX33Xr6ih" +
        "0k0kJ7al8vh3IZ33Rf5WlS/eZoJLxOmvn8lfpv1qcI+NEegkPiG+aSqm52EtNSWz3omKInlxRq97Amq1Akv2Cw8R" +
        "+896LPG1QzNDByhuPwiRrzDigA== x";

    private const string Key5 =
        "ecdsa-sha2-nistp521 AAAAE2VjZHNhLXNoYTItbmlzdHA1MjEAAAAIbmlzdHA1MjEAAACFBAFcb0Mzl8JK1kHt" +
        "Rqdn1HumQEuN6O3kI5XAlOM8iSsU335DLIrpzjDVI/5lNEw0WOX2jJPEAsteAHzQ/f79tDCrawFMid3FD7yBxr5E" +
        "sz0quZbBWS9zZ7OFUETcgXmN+O4BwIMjw6QHq89bfM+rWW1B9KW8/EEa8jKUy3qPGMAeOX1smQ== x";

    private const string Key6 =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBJ1AXGKR0MhgeDeSNVaORpcsgLjua9FnClizGBhD9Nf root@he" +
        "ron";

    // What ssh-keygen -t TYPE wrote and ssh-keygen -l printed.
    [Theory]
    [InlineData(Key0, "2048 SHA256:CKYGSDZR60T87k/L8EmOE18N0FSiWdX04O2hnTk4eH8 root@heron (RSA)")]
    [InlineData(Key1, "3070 SHA256:w6MCo8S6qPn13cmqdEy9tHf6CM/MJK5e8Ir+TBIcau4 no comment (RSA)")]
    [InlineData(Key2, "1024 SHA256:GyDfa++5oAeTs7ElcLBT3OwdozarLfcfn5tDBNeaPRQ a b (DSA)")]
    [InlineData(Key3, "256 SHA256:wjh/KteEKi9C/q6KghcEHz2xqOw1oYKl5up6+9UnufI x (ECDSA)")]
    [InlineData(Key4, "384 SHA256:vSbSputPhqPEV+FYIvZV8Lmx5NAGiy4eL72b3y+lkH0 x (ECDSA)")]
    [InlineData(Key5, "521 SHA256:izof4r/sArTtV5MPFsr5cUDuo+HSW1fFMLFBybe35kg x (ECDSA)")]
    [InlineData(Key6, "256 SHA256:8BUpW5ET/IhJS2vpO3dEKh+TjR2o59x6c5Yp4e1iMz4 root@heron (ED25519)")]
    public void A_key_is_printed_as_ssh_keygen_does(string key, string printed)
    {
        using var root = new TempRoot().With("/etc/ssh/ssh_host_x_key.pub", key + "\n");
        Assert.Equal(printed, Assert.Single(HostKey.ReadAll(root.Files)).ToString());
    }

    [Fact]
    public void The_RSA_key_is_the_first_and_other_files_are_none()
    {
        using var root = new TempRoot().With("/etc/ssh/ssh_host_ed25519_key.pub", Key6).With("/etc/ssh/ssh_host_rsa_key.pub", Key0)
            .With("/etc/ssh/ssh_host_broken_key.pub", "ssh-rsa AAAA").With("/etc/ssh/ssh_host_rsa_key", "private")
            .With("/etc/ssh/moduli", "");
        Assert.Equal(["RSA", "ED25519"], HostKey.ReadAll(root.Files).Select(key => key.Kind));
    }
}
