using System.Collections.Generic;
using System.Text.Json;
using Azprovision.Files;
using Azprovision.Run;
using Azprovision.Spec;

namespace Azprovision;

/// <summary>
/// What --dry-run prints: the settled record without its secrets, and the changes. Written member by member: the order is
/// part of it, and generated serializers for so many types would cost 60 KB.
/// </summary>
internal static class PlanJson
{
    /// <param name="spec">null: none of the steps needs one</param>
    internal static byte[] Serialize(string? vmId, MachineSpec? spec, IReadOnlyList<Change> changes) => JsonText.Of(
        json =>
        {
            json.WriteString("vmId", spec?.VmId ?? vmId);
            json.WriteString("source", spec?.Source);
            json.WriteString("hostName", spec?.HostName.Text);
            WriteUser(json, spec?.User);
            WriteFlag(json, "sshPasswordAuthentication", spec?.SshPasswordAuthentication);
            json.WriteNumber("customDataBytes", spec?.CustomData?.Length ?? 0);
            json.WriteString(
                "preprovisionedVm", MachineSpec.NameOf(spec?.PreprovisionedVm ?? PreprovisionedVmType.None));
            json.WriteBoolean("provisionGuestAgent", spec?.ProvisionGuestAgent ?? true);
            json.WriteBoolean("provisionGuestProxyAgent", spec?.ProvisionGuestProxyAgent ?? false);
            json.WriteStartArray("changes");
            foreach (Change change in changes)
            {
                json.WriteStartObject();
                json.WriteString("path", change.Path);
                json.WriteString("action", change.Action);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        },
        isIndented: true);

    private static void WriteUser(Utf8JsonWriter json, UserSpec? user)
    {
        if (user is null)
        {
            json.WriteNull("user");
            return;
        }

        json.WriteStartObject("user");
        json.WriteString("name", user.Name.Text);
        json.WriteBoolean("hasPassword", user.Password is not null);
        json.WriteStartArray("sshPublicKeys");
        foreach (AuthorizedKey key in user.Keys)
        {
            json.WriteStringValue(key.Key.Line);
        }

        json.WriteEndArray();
        json.WriteStartArray("keyPairs");
        foreach (UserKeyPair pair in user.KeyPairs)
        {
            json.WriteStartObject();
            json.WriteString("fingerprint", pair.Fingerprint);
            json.WriteString("path", pair.Path);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteFlag(Utf8JsonWriter json, string name, bool? value)
    {
        if (value is { } known)
        {
            json.WriteBoolean(name, known);
        }
        else
        {
            json.WriteNull(name);
        }
    }
}
