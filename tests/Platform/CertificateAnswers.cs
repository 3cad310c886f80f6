using System;
using System.Collections.Generic;
using System.IO;

namespace Azprovision.Tests.Platform;

/// <summary>A wire server that has certificates: it encrypts a bundle by openssl for whoever asks with a certificate.</summary>
public static class CertificateAnswers
{
    public const string Target = "/machine/0b3d6f1a/heron?comp=certificates&incarnation=7";

    /// <summary>The goal state names the URL, and the URL answers by the bundle.</summary>
    /// <param name="pkcs12">the bundle, a file</param>
    /// <param name="ciphers">those that are not refused</param>
    public static ScriptedServer Have(ScriptedServer server, string pkcs12, params string[] ciphers)
    {
        server.On("/machine/?comp=goalstate", Answer.Status(200, GoalState));
        return server.On(Target, Answer.To(request =>
            Array.IndexOf(ciphers, request.Headers.GetValueOrDefault("x-ms-cipher-name")) < 0
                ? Answer.Status(400, "no such cipher")
                : Answer.Status(200, Document("Pkcs7BlobWithPfxContents", Encrypt(request, pkcs12)))));
    }

    public static string GoalState => AzurePlatform.GoalState.Replace(
        "</RoleInstance>",
        $"<Configuration><Certificates>http://168.63.129.16:80{Target.Replace("&", "&amp;", StringComparison.Ordinal)}"
        + "</Certificates></Configuration></RoleInstance>",
        StringComparison.Ordinal);

    public static string Document(string format, byte[] data) => $"""
        <?xml version="1.0" encoding="utf-8"?>
        <CertificateFile xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:noNamespaceSchemaLocation="certificates10.xsd">
          <Version>2012-11-30</Version>
          <Incarnation>7</Incarnation>
          <Format>{format}</Format>
          <Data>{Convert.ToBase64String(data, Base64FormattingOptions.InsertLineBreaks)}</Data>
        </CertificateFile>
        """;

    public static byte[] Encrypt(ReceivedRequest request, string pkcs12)
    {
        string directory = Directory.CreateTempSubdirectory("azprovision-cms-").FullName;
        try
        {
            string certificate = Path.Combine(directory, "transport.crt");
            string envelope = Path.Combine(directory, "envelope");
            File.WriteAllText(
                certificate,
                $"-----BEGIN CERTIFICATE-----\n{request.Headers["x-ms-guest-agent-public-x509-cert"]}\n-----END CERTIFICATE-----\n");
            string[] options = request.Headers["x-ms-cipher-name"] == "AES128_CBC"
                ? ["-aes128", "-recip", certificate, "-keyopt", "rsa_padding_mode:oaep"]
                : ["-des3", "-recip", certificate];
            Tool.Run(
                "openssl", ["cms", "-encrypt", "-binary", "-outform", "DER", "-keyid", "-in", pkcs12, "-out", envelope, .. options]);
            return File.ReadAllBytes(envelope);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }
}
