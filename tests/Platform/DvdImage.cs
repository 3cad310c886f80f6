using System.IO;

namespace Azprovision.Tests.Platform;

/// <summary>Provisioning DVDs, as several programs write them.</summary>
public static class DvdImage
{
    /// <summary>Host name heron; user ada with a password and a key; custom data.</summary>
    public static string SampleOvf => File.ReadAllText(Repository.PathOf("tests/Demo/dvd/ovf-env.xml"));

    /// <summary>UDF with an ISO 9660 bridge, the usual one of these tests.</summary>
    public static string Udf(string image, string ovf)
    {
        string content = Directory.CreateDirectory(image + ".content").FullName;
        File.WriteAllText(Path.Combine(content, "ovf-env.xml"), ovf);
        return Genisoimage(image, content, "-udf", "-iso-level", "4");
    }

    public static string Genisoimage(string image, string content, params string[] options)
    {
        Tool.Run("genisoimage", [.. options, "-quiet", "-V", "rd_rdfe_stable", "-o", image, content]);
        return image;
    }

    public static string Xorriso(string image, string content, params string[] options)
    {
        Tool.Run("xorriso", ["-as", "mkisofs", .. options, "-quiet", "-V", "rd_rdfe_stable", "-o", image, content]);
        return image;
    }

    /// <summary>An empty UDF file system: the kernel of the guest has to fill it.</summary>
    public static string Mkudffs(string image, params string[] options)
    {
        using (FileStream file = File.Create(image))
        {
            file.SetLength(8 << 20);
        }

        Tool.Run("mkudffs", [.. options, "--label=rd_rdfe_stable", image]);
        return image;
    }
}
