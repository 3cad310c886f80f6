using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using System.Xml;

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
    private const int MaxDepth = 64;

    private static readonly HashSet<string> s_containers = new(StringComparer.Ordinal)
    {
        Root, Provisioning, Linux, Linux + "/SSH", Linux + "/SSH/PublicKeys", Linux + "/SSH/KeyPairs",
        Root + "/PlatformSettingsSection", Platform, PublicKey, KeyPair,
    };

    private static readonly HashSet<string> s_leaves = new(StringComparer.Ordinal)
    {
        Provisioning + "/Version",
        Linux + "/HostName", Linux + "/UserName", Linux + "/UserPassword", Linux + "/AdminPassword",
        Linux + "/adminPassword", Linux + "/DisableSshPasswordAuthentication", Linux + "/CustomData",
        PublicKey + "/Fingerprint", PublicKey + "/Path", PublicKey + "/Value",
        KeyPair + "/Fingerprint", KeyPair + "/Path",
        Platform + "/ProvisionGuestAgent", Platform + "/ProvisionGuestProxyAgent", Platform + "/PreprovisionedVm",
        Platform + "/PreprovisionedVMType", Platform + "/PreprovisionedVmType",
    };

    // No DTD: no entities, and so no expansion. No resolver: nothing outside is ever read.
    private static readonly XmlReaderSettings s_settings = new()
    {
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
    };

    private readonly OvfText _document;
    private readonly string?[] _paths = new string?[MaxDepth];   // of the open elements; null: one that means nothing
    private readonly Dictionary<string, int> _counts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);
    private readonly StringBuilder _value = new();
    private readonly List<Range> _passwords = [];
    private bool _isNil;
    private int _passwordDepth = -1;
    private int _passwordStart;

    private OvfElements(OvfText document) => _document = document;

    /// <summary>The contents of all elements whose name ends in "Password", wherever they stand.</summary>
    internal IReadOnlyList<Range> Passwords => _passwords;

    internal static OvfElements Read(OvfText document)
    {
        var elements = new OvfElements(document);
        using var reader = XmlReader.Create(new StringReader(document.Text), s_settings);
        try
        {
            elements.Read(reader);
        }
        catch (XmlException e)
        {
            // Its message quotes what it found, which may be a part of the password. What is wrong with the document as a
            // whole has no place.
            throw OvfXml.Malformed(
                e.LineNumber > 0 ? $"not well-formed at line {e.LineNumber}, column {e.LinePosition}"
                : document.Text.Contains("<!DOCTYPE", StringComparison.Ordinal) ? "a document type declaration is not allowed"
                : "there is no element in it");
        }

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

    private void Read(XmlReader reader)
    {
        var lines = (IXmlLineInfo)reader;
        while (reader.Read())
        {
            switch (reader.NodeType)
            {
                case XmlNodeType.Element:
                    Begin(reader, lines);
                    break;
                case XmlNodeType.EndElement:
                    End(reader.Depth, lines);
                    break;
                case XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.Whitespace or XmlNodeType.SignificantWhitespace
                    when reader.Depth > 0 && _paths[reader.Depth - 1] is { } path && s_leaves.Contains(path):
                    _value.Append(reader.Value);
                    break;
            }
        }
    }

    private void Begin(XmlReader reader, IXmlLineInfo lines)
    {
        int depth = reader.Depth;
        if (depth == MaxDepth)
        {
            throw OvfXml.Malformed($"more than {MaxDepth} elements inside each other at line {lines.LineNumber}");
        }

        string? path = PathOf(reader);
        _paths[depth] = path;
        bool isEmpty = reader.IsEmptyElement;
        if (path is not null)
        {
            CountOne(path);
            if (s_leaves.Contains(path))
            {
                _value.Clear();
                _isNil = reader.GetAttribute("nil", SchemaInstance) is "true" or "1";
            }
        }

        if (_passwordDepth < 0 && !isEmpty && reader.LocalName.EndsWith("Password", StringComparison.OrdinalIgnoreCase))
        {
            _passwordDepth = depth;
            _passwordStart = _document.EndOfStartTag(lines.LineNumber, lines.LinePosition);
        }

        if (isEmpty)
        {
            End(depth, lines);
        }
    }

    private void End(int depth, IXmlLineInfo lines)
    {
        if (depth == _passwordDepth)
        {
            const int EndTagMark = 2;   // the place is that of the name behind "</"
            _passwords.Add(_passwordStart..(_document.IndexOf(lines.LineNumber, lines.LinePosition) - EndTagMark));
            _passwordDepth = -1;
        }

        if (_paths[depth] is { } path && s_leaves.Contains(path) && _value.Length > 0 && !_isNil)
        {
            _values.TryAdd(Numbered(path), _value.ToString());
        }
    }

    private string? PathOf(XmlReader reader)
    {
        if (reader.Depth == 0)
        {
            return reader.LocalName == Root ? Root : null;
        }

        if (_paths[reader.Depth - 1] is not { } parent || reader.NamespaceURI is not (WindowsAzure or ""))
        {
            return null;
        }

        string path = $"{parent}/{reader.LocalName}";
        return s_leaves.Contains(path) || s_containers.Contains(path) ? path : null;
    }

    private void CountOne(string path)
    {
        string numbered = Numbered(path);
        int count = Count(numbered) + 1;
        if (count > MaxKeys && path is (PublicKey or KeyPair))
        {
            throw OvfXml.Malformed($"more than {MaxKeys} elements '{OvfXml.NameOf(path)}'");
        }

        _counts[numbered] = count;
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
}
