using System.Collections.Generic;
using System.IO;
using System.Text;
using Azprovision.Run;
using Azprovision.Xml;

namespace Azprovision.Azure;

/// <summary>What a health report must name: which state of which container and instance it speaks of.</summary>
internal sealed record GoalState(string Incarnation, string ContainerId, string InstanceId)
{
    private const int MaxBytes = 128 * 1024;   // real ones have 2 to 10 KiB
    private const int MaxLength = 256;
    private const int MaxUrlLength = 2048;
    private const string Subject = "goal state";

    /// <summary>Where the certificates are; null: there are none for this machine.</summary>
    internal string? CertificatesUrl { get; private init; }

    /// <summary>
    /// Reads an answer to comp=goalstate. Null when it is something else (no XML, or of another kind): that server has no
    /// goal state. InvalidDataException when it is a goal state, but cut or without one of the three.
    /// </summary>
    internal static GoalState? Parse(byte[] body)
    {
        if (body.Length > MaxBytes)
        {
            throw new InvalidDataException($"goal state: {body.Length} bytes, more than {MaxBytes}");
        }

        XmlScanner scanner;
        try
        {
            scanner = new XmlScanner(XmlBytes.Decode(body, Subject), Subject);
            if (scanner.Read() != XmlScanner.Event.Element || scanner.LocalName != "GoalState")
            {
                return null;
            }
        }
        catch (InvalidDataException)
        {
            return null;
        }

        return Parse(scanner);
    }

    private static GoalState Parse(XmlScanner scanner)
    {
        string? incarnation = null;
        string? container = null;
        string? instance = null;
        string? certificates = null;
        var path = new List<string>();
        var text = new StringBuilder();
        for (XmlScanner.Event next = scanner.Read(); next != XmlScanner.Event.EndOfDocument; next = scanner.Read())
        {
            switch (next)
            {
                case XmlScanner.Event.Element:
                    path.Add(scanner.LocalName);
                    text.Clear();
                    break;
                case XmlScanner.Event.Text:
                    text.Append(scanner.Text);
                    break;
                case XmlScanner.Event.EndElement when path.Count > 0:
                    switch (string.Join('/', path))
                    {
                        case "Incarnation":
                            incarnation ??= Value("Incarnation", text);
                            break;
                        case "Container/ContainerId":
                            container ??= Value("ContainerId", text);
                            break;
                        case "Container/RoleInstanceList/RoleInstance/InstanceId":
                            instance ??= Value("InstanceId", text);   // the first one is this machine
                            break;
                        case "Container/RoleInstanceList/RoleInstance/Configuration/Certificates"
                            when text.Length is > 0 and <= MaxUrlLength:
                            certificates ??= text.ToString().Trim();
                            break;
                    }

                    path.RemoveAt(path.Count - 1);
                    text.Clear();
                    break;
            }
        }

        return new GoalState(
            incarnation ?? throw Missing("Incarnation"),
            container ?? throw Missing("ContainerId"),
            instance ?? throw Missing("InstanceId"))
        {
            CertificatesUrl = certificates,
        };
    }

    private static string Value(string name, StringBuilder text)
    {
        string value = text.ToString().Trim();
        return value.Length is > 0 and <= MaxLength
            ? value
            : throw new InvalidDataException($"goal state: {name} has {value.Length} characters");
    }

    private static InvalidDataException Missing(string name) => new($"goal state: no {name}");
}
