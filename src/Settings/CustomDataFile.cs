using Azprovision.Files;
using Azprovision.Spec;

namespace Azprovision.Settings;

/// <summary>Step custom-data: the decoded bytes, for root alone.</summary>
internal static class CustomDataFile
{
    internal const string Path = State.Directory + "/custom-data";

    private const string UserDataPath = State.Directory + "/user-data";

    /// <param name="userData">of IMDS, where there are no custom data</param>
    internal static void Plan(PlannedRoot root, Secret? customData, Secret? userData)
    {
        if ((customData ?? userData) is { } data)
        {
            root.Directory(State.Directory, State.PrivateDirectory);
            root.Write(customData is null ? UserDataPath : Path, data.Reveal().ToArray(), State.PrivateFile);
        }
    }
}
