using Azprovision.Files;
using Azprovision.Spec;

namespace Azprovision.Settings;

/// <summary>Step custom-data: the decoded bytes, for root alone.</summary>
internal static class CustomDataFile
{
    internal const string Path = State.Directory + "/custom-data";

    private const string UserDataPath = State.Directory + "/user-data";

    /// <param name="userData">of IMDS, where there are no custom data</param>
    internal static void Plan(ChangeSet changes, Secret? customData, Secret? userData)
    {
        if (customData is not null)
        {
            changes.Directory(State.Directory, State.PrivateDirectory);
            changes.Write(Path, customData.Reveal().ToArray(), State.PrivateFile);
        }
        else if (userData is not null)
        {
            changes.Directory(State.Directory, State.PrivateDirectory);
            changes.Write(UserDataPath, userData.Reveal().ToArray(), State.PrivateFile);
        }
    }
}
