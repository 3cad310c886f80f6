using System.Collections.Generic;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Azprovision.Io;
using Azprovision.Spec;

namespace Azprovision;

/// <summary>What --dry-run prints: the settled record without its secrets, and the changes. The order is part of it.</summary>
internal sealed record PlanJson(
    string? VmId,
    string Source,
    string? HostName,
    PlanJson.UserJson? User,
    bool? SshPasswordAuthentication,
    int CustomDataBytes,
    string PreprovisionedVm,
    bool ProvisionGuestAgent,
    bool ProvisionGuestProxyAgent,
    IReadOnlyList<PlanJson.ChangeJson> Changes)
{
    internal static byte[] Serialize(string? vmId, MachineSpec? spec, IReadOnlyList<Change> changes)
    {
        // A base64 key has "+" in it, which the default encoder would write as an escape.
        var options = new JsonSerializerOptions(PlanJsonContext.Default.Options)
        {
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        };
        JsonTypeInfo<PlanJson> type = new PlanJsonContext(options).PlanJson;
        return [.. JsonSerializer.SerializeToUtf8Bytes(From(vmId, spec, changes), type), (byte)'\n'];
    }

    private static PlanJson From(string? vmId, MachineSpec? spec, IReadOnlyList<Change> changes)
    {
        var listed = new List<ChangeJson>();
        foreach (Change change in changes)
        {
            listed.Add(new ChangeJson(change.Path, change.Action));
        }

        return new PlanJson(
            spec?.VmId ?? vmId,
            spec?.Source ?? "media",
            spec?.HostName.Text,
            spec is null ? null : UserJson.From(spec.User),
            spec?.SshPasswordAuthentication,
            spec?.CustomData?.Length ?? 0,
            MachineSpec.NameOf(spec?.PreprovisionedVm ?? PreprovisionedVmType.None),
            spec?.ProvisionGuestAgent ?? true,
            spec?.ProvisionGuestProxyAgent ?? false,
            listed);
    }

    internal sealed record UserJson(
        string Name, bool HasPassword, IReadOnlyList<string> SshPublicKeys, IReadOnlyList<KeyPairJson> KeyPairs)
    {
        internal static UserJson From(UserSpec user)
        {
            var keys = new List<string>();
            foreach (AuthorizedKey key in user.Keys)
            {
                keys.Add(key.Key.Line);
            }

            var pairs = new List<KeyPairJson>();
            foreach (OvfKeyPair pair in user.KeyPairs)
            {
                pairs.Add(new KeyPairJson(pair.Fingerprint, pair.Path));
            }

            return new UserJson(user.Name.Text, user.Password is not null, keys, pairs);
        }
    }

    internal sealed record KeyPairJson(string? Fingerprint, string? Path);

    internal sealed record ChangeJson(string Path, string Action);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(PlanJson))]
internal sealed partial class PlanJsonContext : JsonSerializerContext;
