using System;
using System.Collections.Generic;

namespace Azprovision.Media;

/// <summary>An element of ovf-env.xml that means something, with those in it.</summary>
internal sealed class OvfElement(string path, bool isLeaf)
{
    private int _count = 1;

    /// <summary>From the root of the document: "Environment/ProvisioningSection".</summary>
    internal string Path => path;

    /// <summary>It has text, and nothing in it means anything.</summary>
    internal bool IsLeaf => isLeaf;

    /// <summary>Null when it is empty or nil.</summary>
    internal string? Text { get; set; }

    internal List<OvfElement> Children { get; } = [];

    /// <summary>The text of a child.</summary>
    internal string? Value(string name) =>
        Children.Find(child => child.Path.AsSpan(path.Length + 1).SequenceEqual(name))?.Text;

    /// <summary>What may come only once is counted.</summary>
    internal OvfElement Add(string childPath, bool isChildLeaf)
    {
        if (childPath is OvfElements.PublicKey or OvfElements.KeyPair)
        {
            if (Children.Count == OvfElements.MaxKeys)
            {
                throw OvfXml.Malformed($"more than {OvfElements.MaxKeys} elements '{OvfXml.NameOf(childPath)}'");
            }
        }
        else if (Children.Find(other => other.Path == childPath) is { } first)
        {
            first._count++;
            return first;
        }

        var child = new OvfElement(childPath, isChildLeaf);
        Children.Add(child);
        return child;
    }

    internal void RequireOnce()
    {
        if (_count > 1)
        {
            throw OvfXml.Repeated(path, _count);
        }

        Children.ForEach(child => child.RequireOnce());
    }
}
