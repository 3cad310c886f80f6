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
    private readonly Known?[] _open = new Known?[XmlScanner.MaxDepth];   // the open elements; null: means nothing
    private readonly Dictionary<string, int> _counts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);
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
        foreach ((string path, int count) in elements._counts)
        {
            if (count > 1 && path is not (PublicKey or KeyPair))
            {
                throw OvfXml.Repeated(path, count);
            }
        }

        return elements;
    }

    internal int Count(string path) => _counts.GetValueOrDefault(path);

    /// <summary>The text of an element; null when it is absent, empty or nil.</summary>
    internal string? Value(string path) => _values.GetValueOrDefault(path);

    /// <summary>The text of a child of the n-th (from 1) of the elements that may be there several times.</summary>
    internal string? Value(string path, int n, string child) => Value($"{path}#{n}/{child}");

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
        Known? known = TryRecognize();
        _open[_scanner.Depth] = known;
        if (known is not null)
        {
            CountOne(known);
            if (known.IsLeaf)
            {
                _value.Clear();
                _isNil = IsNil();
            }
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
            _values.TryAdd(known.Numbered, _value.ToString());
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

    private Known? TryRecognize()
    {
        if (_scanner.Depth == 0)
        {
            return _scanner.LocalName == Root ? new Known(Root, Root, IsLeaf: false) : null;
        }

        if (_open[_scanner.Depth - 1] is not { } parent || _scanner.Namespace is not (WindowsAzure or ""))
        {
            return null;
        }

        string path = $"{parent.Path}/{_scanner.LocalName}";
        bool isLeaf = Array.IndexOf(s_leaves, path) >= 0;
        return isLeaf || Array.IndexOf(s_containers, path) >= 0 ? new Known(path, Numbered(path), isLeaf) : null;
    }

    private void CountOne(Known known)
    {
        int count = Count(known.Numbered) + 1;
        if (count > MaxKeys && known.Path is (PublicKey or KeyPair))
        {
            throw OvfXml.Malformed($"more than {MaxKeys} elements '{OvfXml.NameOf(known.Path)}'");
        }

        _counts[known.Numbered] = count;
    }

    // What stands in a key gets the number of the key: it may come once in each.
    private string Numbered(string path)
    {
        foreach (string key in (string[])[PublicKey, KeyPair])
        {
            if (path.Length > key.Length && path.StartsWith(key, StringComparison.Ordinal))
            {
                return $"{key}#{Count(key)}{path[key.Length..]}";
            }
        }

        return path;
    }

    /// <summary>An element that means something.</summary>
    /// <param name="Numbered">the path, told apart from the same one in another key</param>
    private sealed record Known(string Path, string Numbered, bool IsLeaf);
}
