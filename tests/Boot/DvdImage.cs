using System.IO;
using Azprovision.Tests.Platform;

namespace Azprovision.Tests.Boot;

/// <summary>Provisioning DVDs, as several programs write them.</summary>
internal static class DvdImage
{
    /// <summary>Host name heron; user ada with a password and a key; custom data.</summary>
    internal static string SampleOvf => File.ReadAllText(Repository.PathOf("tests/Demo/dvd/ovf-env.xml"));

    /// <summary>UDF with an ISO 9660 bridge, the usual one of these tests.</summary>
    internal static string Udf(string image, string ovf)
    {
        string content = Directory.CreateDirectory(image + ".content").FullName;
        File.WriteAllText(Path.Combine(content, "ovf-env.xml"), ovf);
        return Genisoimage(image, content, "-udf", "-iso-level", "4");
    }

    internal static string Genisoimage(string image, string content, params string[] options)
    {
        Tool.Run("genisoimage", [.. options, "-quiet", "-V", "rd_rdfe_stable", "-o", image, content]);
        return image;
    }

    internal static string Xorriso(string image, string content, params string[] options)
    {
        Tool.Run("xorriso", ["-as", "mkisofs", .. options, "-quiet", "-V", "rd_rdfe_stable", "-o", image, content]);
        return image;
    }

    /// <summary>An empty UDF file system: the kernel of the guest has to fill it.</summary>
    internal static string Mkudffs(string image, params string[] options)
    {
        using (FileStream file = File.Create(image))
        {
            file.SetLength(8 << 20);
        }

        Tool.Run("mkudffs", [.. options, "--label=rd_rdfe_stable", image]);
        return image;
    }
}
