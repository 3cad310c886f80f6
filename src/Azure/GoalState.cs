using System.Collections.Generic;
using System.IO;
using System.Text;
using System.Xml;
using Azprovision.Spec;

namespace Azprovision.Azure;

/// <summary>What a health report must name: which state of which container and instance it speaks of.</summary>
internal sealed record GoalState(string Incarnation, string ContainerId, string InstanceId)
{
    private const int MaxBytes = 128 * 1024;   // real ones have 2 to 10 KiB
    private const int MaxDepth = 64;
    private const int MaxLength = 256;

    private static readonly XmlReaderSettings s_settings = new()
    {
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
        IgnoreComments = true,
        IgnoreProcessingInstructions = true,
    };

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

        bool isGoalState = false;
        try
        {
            using var reader = XmlReader.Create(new MemoryStream(body, writable: false), s_settings);
            isGoalState = reader.MoveToContent() == XmlNodeType.Element && reader.LocalName == "GoalState";
            return isGoalState ? Parse(reader) : null;
        }
        catch (XmlException e)
        {
            return isGoalState ? throw new InvalidDataException($"goal state: {Printable.Of(e.Message)}", e) : null;
        }
    }

    private static GoalState Parse(XmlReader reader)
    {
        string? incarnation = null;
        string? container = null;
        string? instance = null;
        var path = new List<string>();
        var text = new StringBuilder();
        while (reader.Read())
        {
            switch (reader.NodeType)
            {
                case XmlNodeType.Element when reader.Depth > MaxDepth:
                    throw new InvalidDataException($"goal state: elements nested more than {MaxDepth} deep");
                case XmlNodeType.Element:
                    text.Clear();
                    if (!reader.IsEmptyElement)
                    {
                        path.Add(reader.LocalName);
                    }

                    break;
                case XmlNodeType.Text or XmlNodeType.CDATA:
                    text.Append(reader.Value);
                    break;
                case XmlNodeType.EndElement when path.Count > 0:
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
                    }

                    path.RemoveAt(path.Count - 1);
                    text.Clear();
                    break;
            }
        }

        return new GoalState(
            incarnation ?? throw Missing("Incarnation"),
            container ?? throw Missing("ContainerId"),
            instance ?? throw Missing("InstanceId"));
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
