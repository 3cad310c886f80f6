using System;
using System.IO;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Azprovision.Tests.Platform;

namespace Azprovision.Tests.Unit.Support;

/// <summary>The openssl program in a directory of its own: files are named, bytes come back.</summary>
internal sealed class OpenSsl : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("azprovision-openssl-").FullName;

    internal string PathOf(string name) => Path.Combine(_directory, name);

    internal byte[] this[string name]
    {
        get => File.ReadAllBytes(PathOf(name));
        set => File.WriteAllBytes(PathOf(name), value);
    }

    /// <summary>Arguments with blanks between them; @NAME is a file in the directory.</summary>
    internal string Run(string arguments) => Tool.Run("openssl", Split(arguments));

    internal int Try(string arguments) => Tool.Try("openssl", Split(arguments)).ExitCode;

    /// <summary>Makes NAME.key and NAME.crt (PEM).</summary>
    internal void MakeCertificate(string name, string algorithm) =>
        Run($"req -x509 -nodes -subj /CN={name} -days 30 {algorithm} -keyout @{name}.key -out @{name}.crt");

    internal byte[] Der(string name)
    {
        using X509Certificate2 certificate = X509Certificate2.CreateFromPemFile(PathOf($"{name}.crt"), PathOf($"{name}.key"));
        return certificate.RawData;
    }

    internal byte[] Pkcs8(string name)
    {
        PemFields fields = PemEncoding.Find(File.ReadAllText(PathOf($"{name}.key")));
        return Convert.FromBase64String(File.ReadAllText(PathOf($"{name}.key"))[fields.Base64Data]);
    }

    /// <summary>The OpenSSH line of the key in NAME.crt, as other agents make it.</summary>
    internal string OpenSshLine(string name)
    {
        Run($"x509 -in @{name}.crt -pubkey -noout -out @{name}.pub");
        return Tool.Run("ssh-keygen", "-i", "-m", "PKCS8", "-f", PathOf($"{name}.pub")).TrimEnd();
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private string[] Split(string arguments) =>
        Array.ConvertAll(arguments.Split(' '), word => word.StartsWith('@') ? PathOf(word[1..])
            : word == "-" ? "" : word);
}
