using Azprovision.Files;
using Azprovision.Spec;

namespace Azprovision.Settings;

/// <summary>Step custom-data: the decoded bytes, for root alone; those of the VM that the image was captured from go.</summary>
internal static class CustomDataFile
{
    internal const string Name = "custom-data";
    internal const string UserDataName = "user-data";

    /// <param name="userData">of IMDS, where there are no custom data</param>
    internal static void Plan(PlannedRoot root, State state, Secret? customData, Secret? userData)
    {
        if ((customData ?? userData) is not null)
        {
            state.PlanDirectory(root);
        }

        root.WriteOrRemove(state.PathOf(Name), customData?.Reveal().ToArray(), State.PrivateFile);
        root.WriteOrRemove(state.PathOf(UserDataName), customData is null ? userData?.Reveal().ToArray() : null, State.PrivateFile);
    }
}
