using System;
using System.Collections.Generic;
using System.Text;
using Azprovision.Xml;

namespace Azprovision.Media;

/// <summary>
/// The elements of ovf-env.xml that mean something, by their path from the root: each step a direct child, by local name,
/// in the namespace of Windows Azure or in none. Everything else is passed over.
/// </summary>
internal sealed class OvfElements
{
    internal const string Root = "Environment";
    internal const string Provisioning = Root + "/ProvisioningSection";
    internal const string Linux = Provisioning + "/LinuxProvisioningConfigurationSet";
    internal const string Platform = Root + "/PlatformSettingsSection/PlatformSettings";
    internal const string PublicKey = Linux + "/SSH/PublicKeys/PublicKey";
    internal const string KeyPair = Linux + "/SSH/KeyPairs/KeyPair";

    internal const int MaxKeys = 1000;

    private const string WindowsAzure = "http://schemas.microsoft.com/windowsazure";
    private const string SchemaInstance = "http://www.w3.org/2001/XMLSchema-instance";

    private static readonly string[] s_containers =
    [
        Root, Provisioning, Linux, Linux + "/SSH", Linux + "/SSH/PublicKeys", Linux + "/SSH/KeyPairs",
        Root + "/PlatformSettingsSection", Platform, PublicKey, KeyPair,
    ];

    private static readonly string[] s_leaves =
    [
        Provisioning + "/Version",
        Linux + "/HostName", Linux + "/UserName", Linux + "/UserPassword", Linux + "/AdminPassword",
        Linux + "/adminPassword", Linux + "/DisableSshPasswordAuthentication", Linux + "/CustomData",
        PublicKey + "/Fingerprint", PublicKey + "/Path", PublicKey + "/Value",
        KeyPair + "/Fingerprint", KeyPair + "/Path",
        Platform + "/ProvisionGuestAgent", Platform + "/ProvisionGuestProxyAgent", Platform + "/PreprovisionedVm",
        Platform + "/PreprovisionedVMType", Platform + "/PreprovisionedVmType",
    ];

    private readonly XmlScanner _scanner;
    private readonly OvfElement?[] _open = new OvfElement?[XmlScanner.MaxDepth];   // null: means nothing
    private readonly OvfElement _document = new("", isLeaf: false);
    private readonly StringBuilder _value = new();
    private readonly List<Range> _passwords = [];
    private bool _isNil;
    private int _passwordDepth = -1;
    private int _passwordStart;

    private OvfElements(XmlScanner scanner) => _scanner = scanner;

    /// <summary>The contents of all elements whose name ends in "Password", wherever they stand.</summary>
    internal IReadOnlyList<Range> Passwords => _passwords;

    internal static OvfElements Read(string text, string subject)
    {
        var elements = new OvfElements(new XmlScanner(text, subject));
        elements.Read();
        elements._document.RequireOnce();
        return elements;
    }

    /// <summary>Null when there is none.</summary>
    internal OvfElement? Find(string path)
    {
        OvfElement? element = _document;
        while (element is not null && element.Path.Length < path.Length)
        {
            element = element.Children.Find(child => child.Path == path
                || (path.StartsWith(child.Path, StringComparison.Ordinal) && path[child.Path.Length] == '/'));
        }

        return element;
    }

    /// <summary>The text of an element; null when it is absent, empty or nil.</summary>
    internal string? Value(string path) => Find(path)?.Text;

    /// <summary>The elements that may be there several times.</summary>
    internal List<OvfElement> All(string path) =>
        Find(path[..path.LastIndexOf('/')])?.Children.FindAll(child => child.Path == path) ?? [];

    private void Read()
    {
        for (XmlScanner.Event next = _scanner.Read(); next != XmlScanner.Event.EndOfDocument; next = _scanner.Read())
        {
            switch (next)
            {
                case XmlScanner.Event.Element:
                    Begin();
                    break;
                case XmlScanner.Event.EndElement:
                    End();
                    break;
                case XmlScanner.Event.Text when _open[_scanner.Depth - 1] is { IsLeaf: true }:
                    _value.Append(_scanner.Text);
                    break;
            }
        }
    }

    private void Begin()
    {
        OvfElement? known = TryRecognize();
        _open[_scanner.Depth] = known;
        if (known is { IsLeaf: true })
        {
            _value.Clear();
            _isNil = IsNil();
        }

        if (_passwordDepth < 0 && !_scanner.IsEmptyTag
            && _scanner.LocalName.EndsWith("Password", StringComparison.OrdinalIgnoreCase))
        {
            _passwordDepth = _scanner.Depth;
            _passwordStart = _scanner.End;
        }
    }

    private void End()
    {
        if (_scanner.Depth == _passwordDepth)
        {
            _passwords.Add(_passwordStart.._scanner.Start);
            _passwordDepth = -1;
        }

        if (_open[_scanner.Depth] is { IsLeaf: true } known && _value.Length > 0 && !_isNil)
        {
            known.Text = _value.ToString();
        }
    }

    private bool IsNil()
    {
        foreach (XmlScanner.Attribute attribute in _scanner.Attributes)
        {
            if (attribute is { LocalName: "nil", Namespace: SchemaInstance })
            {
                return attribute.Value is "true" or "1";
            }
        }

        return false;
    }

    private OvfElement? TryRecognize()
    {
        OvfElement? parent = _scanner.Depth == 0 ? _document : _open[_scanner.Depth - 1];
        if (parent is null or { IsLeaf: true }
            || (parent != _document && _scanner.Namespace is not (WindowsAzure or "")))
        {
            return null;
        }

        return TryAdd(parent, s_leaves, isLeaf: true) ?? TryAdd(parent, s_containers, isLeaf: false);
    }

    private OvfElement? TryAdd(OvfElement parent, string[] paths, bool isLeaf)
    {
        int start = parent == _document ? 0 : parent.Path.Length + 1;
        foreach (string path in paths)
        {
            if (path.StartsWith(parent.Path, StringComparison.Ordinal) && path.Length > start
                && path.AsSpan(start).SequenceEqual(_scanner.LocalName))
            {
                return parent.Add(path, isLeaf);
            }
        }

        return null;
    }
}
