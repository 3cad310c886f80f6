using System;
using System.IO;
using System.Linq;
using System.Xml;
using System.Xml.Linq;
using Azprovision.Tests.Platform;

namespace Azprovision.Tests.Rehearsal;

/// <summary>The provisioning data of a machine, of which the next one's can be made.</summary>
internal sealed class Ovf
{
    private readonly XDocument _document;
    private readonly XElement _set;

    private Ovf(XDocument document, string name)
    {
        _document = document;
        _set = document.Descendants().FirstOrDefault(element => element.Name.LocalName == "LinuxProvisioningConfigurationSet")
            ?? throw new UsageException($"{name}: no LinuxProvisioningConfigurationSet in it");
        if (Text("HostName") is null || Text("UserName") is null)
        {
            throw new UsageException($"{name}: no {(Text("HostName") is null ? "HostName" : "UserName")} in it");
        }
    }

    internal string HostName => Text("HostName")!;

    internal string UserName => Text("UserName")!;

    internal string? Password => Text("UserPassword");

    internal string? CustomData => Text("CustomData");

    /// <summary>SSH takes the password.</summary>
    internal bool IsPasswordForSsh => Text("DisableSshPasswordAuthentication") is { } disable
        ? string.Equals(disable.Trim(), "false", StringComparison.OrdinalIgnoreCase)
        : Password is not null;

    internal bool HasKey => Keys is not null;

    private XElement? Keys => _set.Descendants().FirstOrDefault(element => element.Name.LocalName == "PublicKeys");

    /// <param name="path">null: the sample</param>
    internal static Ovf Load(string? path)
    {
        path ??= Repository.PathOf("tests/Demo/dvd/ovf-env.xml");
        try
        {
            return new Ovf(XDocument.Parse(File.ReadAllText(path), LoadOptions.PreserveWhitespace), path);
        }
        catch (XmlException e)
        {
            throw new UsageException($"{path}: {e.Message}");
        }
    }

    /// <summary>For another machine, with another user.</summary>
    internal Ovf For(string hostName, string userName)
    {
        var other = new Ovf(new XDocument(_document), "");
        string home = $"/home/{UserName}/";
        foreach (XElement path in other._set.Descendants().Where(element => element.Name.LocalName == "Path"))
        {
            path.Value = path.Value.Replace(home, $"/home/{userName}/", StringComparison.Ordinal);
        }

        other.Set("HostName", hostName);
        other.Set("UserName", userName);
        return other;
    }

    /// <summary>One more key of the user.</summary>
    internal void AddKey(string key)
    {
        XNamespace space = _set.Name.Namespace;
        if (Keys is null)
        {
            _set.Add(new XElement(space + "SSH", new XElement(space + "PublicKeys")));
        }

        Keys!.Add(new XElement(
            space + "PublicKey",
            new XElement(space + "Fingerprint", "0000000000000000000000000000000000000000"),
            new XElement(space + "Path", $"/home/{UserName}/.ssh/authorized_keys"),
            new XElement(space + "Value", key)));
    }

    /// <summary>An XML document, as it is on the DVD.</summary>
    public override string ToString() => $"""<?xml version="1.0" encoding="utf-8"?>{"\n"}{_document}""";

    private string? Text(string name) =>
        _set.Elements().FirstOrDefault(element => element.Name.LocalName == name)?.Value is { Length: > 0 } text ? text : null;

    private void Set(string name, string value) => _set.Elements().First(element => element.Name.LocalName == name).Value = value;
}
