using System.Collections.Generic;
using System.IO;
using Azprovision.Run;
using Azprovision.Spec;

namespace Azprovision.Media;

/// <summary>
/// Decodes ovf-env.xml, which says what the customer asked for. What is wrong with it is told in the words of cloud-init,
/// which the platform's support knows, and never with anything that stands in it.
/// </summary>
internal static class OvfXml
{
    internal const int MaxSize = 1 << 20;
    private const int MaxKeyLength = 16 << 10;
    private const string Unreadable = "error parsing ovf-env.xml";

    /// <summary>Custom data may have this many bytes when decoded.</summary>
    internal const int MaxCustomData = 64 << 10;

    internal static OvfEnvironment Parse(byte[] bytes) =>
        TryParse(bytes) ?? throw Missing(OvfElements.Provisioning);

    /// <summary>Null: it is another platform's, there is no ProvisioningSection in it.</summary>
    internal static OvfEnvironment? TryParse(byte[] bytes)
    {
        if (bytes.Length > MaxSize)
        {
            throw Malformed($"{bytes.Length} bytes, at most {MaxSize} are read");
        }

        string text = XmlBytes.Decode(bytes, Unreadable);
        OvfElements elements = OvfElements.Read(text, Unreadable);
        const string Linux = OvfElements.Linux;
        if (elements.Find(OvfElements.Provisioning) is null)
        {
            return null;
        }

        if (elements.Find(Linux) is null)
        {
            throw Missing(Linux);
        }

        const string Platform = OvfElements.Platform;
        string? password = elements.Value(Linux + "/UserPassword")
            ?? elements.Value(Linux + "/AdminPassword")
            ?? elements.Value(Linux + "/adminPassword");
        string? customData = elements.Value(Linux + "/CustomData");
        return new OvfEnvironment(
            elements.Value(OvfElements.Provisioning + "/Version"),
            elements.Value(Linux + "/HostName"),
            elements.Value(Linux + "/UserName"),
            password is null ? null : Secret.FromText(password),
            Flag(elements.Value(Linux + "/DisableSshPasswordAuthentication")),
            PublicKeysOf(elements),
            KeyPairsOf(elements),
            customData is null ? null : DecodeCustomData(customData),
            // Only this word keeps the agent off, as the Azure Linux Agent reads it.
            elements.Value(Platform + "/ProvisionGuestAgent")?.Trim().ToLowerInvariant() is { } agent ? agent != "false" : null,
            Flag(elements.Value(Platform + "/ProvisionGuestProxyAgent")),
            Flag(elements.Value(Platform + "/PreprovisionedVm")),
            elements.Value(Platform + "/PreprovisionedVMType") ?? elements.Value(Platform + "/PreprovisionedVmType"),
            new OvfDocument(text, elements.Passwords, customData is null ? null : Secret.FromText(customData)));
    }

    /// <summary>Custom data of a file of their own.</summary>
    internal static Secret CustomDataOf(byte[] content) => content.Length <= MaxCustomData
        ? new Secret(content)
        : throw Malformed($"the custom data beside it have {content.Length} bytes, at most {MaxCustomData} are read");

    /// <summary>The document cannot be read at all.</summary>
    internal static InvalidDataException Malformed(string detail) => new($"{Unreadable}: {detail}");

    internal static InvalidDataException Repeated(string path, int count) =>
        Unexpected($"multiple configuration matches for '{NameOf(path)}' ({count})");

    internal static string NameOf(string path) => path[(path.LastIndexOf('/') + 1)..];

    private static InvalidDataException Missing(string path) =>
        Unexpected($"missing configuration for '{NameOf(path)}'");

    private static InvalidDataException Unexpected(string detail) =>
        new($"unexpected metadata parsing ovf-env.xml: {detail}");

    // As cloud-init reads booleans: whatever is not one of these words is false.
    private static bool? Flag(string? text) =>
        text is null ? null : text.Trim().ToLowerInvariant() is "true" or "1" or "on" or "yes";

    private static List<OvfPublicKey> PublicKeysOf(OvfElements elements)
    {
        var keys = new List<OvfPublicKey>();
        foreach (OvfElement key in elements.All(OvfElements.PublicKey))
        {
            string? value = key.Value("Value");
            if (value?.Length > MaxKeyLength)
            {
                throw Malformed(
                    $"PublicKey {keys.Count + 1} has {value.Length} characters, at most {MaxKeyLength} are read");
            }

            keys.Add(new OvfPublicKey(key.Value("Fingerprint"), key.Value("Path"), value));
        }

        return keys;
    }

    private static List<OvfKeyPair> KeyPairsOf(OvfElements elements)
    {
        var pairs = new List<OvfKeyPair>();
        foreach (OvfElement pair in elements.All(OvfElements.KeyPair))
        {
            pairs.Add(new OvfKeyPair(pair.Value("Fingerprint"), pair.Value("Path")));
        }

        return pairs;
    }

    private static Secret? DecodeCustomData(string text)
    {
        byte[] decoded = Base64Text.TryDecode(text) ?? throw Malformed("CustomData is not base64");
        if (decoded.Length > MaxCustomData)
        {
            throw Malformed($"CustomData has {decoded.Length} bytes, at most {MaxCustomData} are read");
        }

        return decoded.Length == 0 ? null : new Secret(decoded);
    }
}
