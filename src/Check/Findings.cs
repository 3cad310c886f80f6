using System.Collections.Generic;

namespace Azprovision.Check;

/// <summary>What was found, in the order in which it was looked for.</summary>
internal sealed class Findings
{
    private readonly List<Finding> _all = [];

    internal IReadOnlyList<Finding> All => _all;

    internal bool HasError => _all.Exists(finding => finding.Severity == Severity.Error);

    internal void Note(string subject, string what) => Add(Severity.Note, subject, what, "");

    internal void Warn(string subject, string what, string toDo) => Add(Severity.Warning, subject, what, toDo);

    internal void Error(string subject, string what, string toDo) => Add(Severity.Error, subject, what, toDo);

    internal void Add(Severity severity, string subject, string what, string toDo) =>
        _all.Add(new Finding(severity, subject, what, toDo));
}
