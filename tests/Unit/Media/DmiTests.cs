using System;
using System.IO;
using Azprovision.Files;
using Azprovision.Media;
using Xunit;

namespace Azprovision.Tests.Unit.Media;

public sealed class DmiTests : IDisposable
{
    private const string Uuid = "a1b2c3d4-e5f6-0718-293a-4b5c6d7e8f90";
    private const string Swapped = "d4c3b2a1-f6e5-1807-293a-4b5c6d7e8f90";

    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory();
    private readonly DirectoryInfo _kernel = Directory.CreateTempSubdirectory();

    public void Dispose()
    {
        _root.Delete(true);
        _kernel.Delete(true);
    }

    [Theory]
    [InlineData(Uuid, false, Swapped)]
    [InlineData(Swapped, false, Uuid)]
    [InlineData(Uuid, true, Uuid)]
    [InlineData("A1B2C3D4-E5F6-0718-293A-4B5C6D7E8F90", false, Swapped)]
    [InlineData("A1B2C3D4-E5F6-0718-293A-4B5C6D7E8F90", true, Uuid)]
    [InlineData("a1b2c3d4e5f60718293a4b5c6d7e8f90", true, null)]
    [InlineData("00000000-0000-0000-0000-000000000000", true, null)]
    [InlineData("ffffffff-ffff-ffff-ffff-ffffffffffff", true, null)]
    [InlineData("Not Settable", true, null)]
    [InlineData("", true, null)]
    public void The_vmId_is_the_system_UUID_in_the_byte_order_of_the_generation(string uuid, bool isGeneration2, string? expected) =>
        Assert.Equal(expected, Dmi.VmIdOf(uuid, isGeneration2));

    [Theory]
    [InlineData("7783-7084-3265-9085-8269-3286-77", "Microsoft Corporation", true)]
    [InlineData("7783-7084-3265-9085-8269-3286-77", null, true)]
    [InlineData("0000-0014-2427-3010-2264-3302-17", "Microsoft Corporation", false)]
    [InlineData(null, "QEMU", false)]
    [InlineData(null, "Microsoft Corporation", null)]
    [InlineData(null, null, null)]
    public void The_asset_tag_says_whether_this_is_Azure(string? tag, string? vendor, bool? expected)
    {
        Write(_kernel, "chassis_asset_tag", tag);
        Write(_kernel, "sys_vendor", vendor);
        Assert.Equal(new DmiIdentity(null, expected), Read());
    }

    [Fact]
    public void A_firmware_directory_of_EFI_makes_it_generation_2()
    {
        Write(_kernel, "product_uuid", Uuid + "\n");
        Assert.Equal(Swapped, Read().VmId);
        _kernel.CreateSubdirectory("sys/firmware/efi");
        Assert.Equal(Uuid, Read().VmId);
    }

    [Fact]
    public void What_the_root_has_comes_before_what_the_kernel_has()
    {
        Write(_kernel, "product_uuid", "11111111-1111-1111-1111-111111111111");
        Write(_root, "product_uuid", Uuid);
        Assert.Equal(Swapped, Read().VmId);
    }

    [Fact]
    public void Without_DMI_nothing_is_known() => Assert.Equal(new DmiIdentity(null, null), Read());

    private static void Write(DirectoryInfo root, string name, string? content)
    {
        if (content is not null)
        {
            File.WriteAllText(Path.Combine(root.CreateSubdirectory("sys/class/dmi/id").FullName, name), content + "\n");
        }
    }

    private DmiIdentity Read()
    {
        using SystemRoot root = SystemRoot.Open(_root.FullName);
        using SystemRoot kernel = SystemRoot.Open(_kernel.FullName);
        return Dmi.Read(root, kernel);
    }
}
