using Azprovision.Io;
using Azprovision.Spec;

namespace Azprovision.Settings;

/// <summary>Step custom-data: the decoded bytes, for root alone.</summary>
internal static class CustomDataFile
{
    internal const string Path = State.Directory + "/custom-data";

    internal static void Plan(ChangeSet changes, Secret? customData)
    {
        if (customData is not null)
        {
            changes.Directory(State.Directory, State.PrivateDirectory);
            changes.Write(Path, customData.Reveal().ToArray(), State.PrivateFile);
        }
    }
}
