using System;
using System.IO;
using System.Text;

namespace Azprovision.Tests.Unit.Support;

/// <summary>ovf-env.xml as the platform writes it, with values of our own.</summary>
internal static class OvfSamples
{
    internal static readonly string[] Names = ["password", "key", "fingerprint"];

    internal static byte[] Bytes(string name) =>
        File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Media", "Ovf", name + ".xml"));

    internal static string Text(string name) => Encoding.UTF8.GetString(Bytes(name));

    /// <summary>The smallest document, with these elements in the Linux configuration set.</summary>
    internal static string With(string elements) =>
        $"""
        <Environment xmlns="http://schemas.dmtf.org/ovf/environment/1" xmlns:wa="http://schemas.microsoft.com/windowsazure" xmlns:i="http://www.w3.org/2001/XMLSchema-instance">
        <wa:ProvisioningSection><LinuxProvisioningConfigurationSet xmlns="http://schemas.microsoft.com/windowsazure">{elements}</LinuxProvisioningConfigurationSet></wa:ProvisioningSection>
        </Environment>
        """;
}
