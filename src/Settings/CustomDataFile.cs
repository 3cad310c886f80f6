using Azprovision.Files;
using Azprovision.Spec;

namespace Azprovision.Settings;

/// <summary>Step custom-data: the decoded bytes, for root alone; those of the VM that the image was captured from go.</summary>
internal static class CustomDataFile
{
    internal const string Path = State.Directory + "/custom-data";

    private const string UserDataPath = State.Directory + "/user-data";

    /// <param name="userData">of IMDS, where there are no custom data</param>
    internal static void Plan(PlannedRoot root, Secret? customData, Secret? userData)
    {
        if ((customData ?? userData) is not null)
        {
            root.Directory(State.Directory, State.PrivateDirectory);
        }

        root.WriteOrRemove(Path, customData?.Reveal().ToArray(), State.PrivateFile);
        root.WriteOrRemove(UserDataPath, customData is null ? userData?.Reveal().ToArray() : null, State.PrivateFile);
    }
}
