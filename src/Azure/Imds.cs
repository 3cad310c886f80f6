using System;
using System.Collections.Generic;
using System.IO;
using System.Text.Json;
using Azprovision.Http;
using Azprovision.Run;
using Azprovision.Spec;

namespace Azprovision.Azure;

/// <summary>The instance metadata service: what the platform knows of this VM that the media may not say.</summary>
internal sealed class Imds(PlatformConnection connection)
{
    // The first has everything that is read here; the other one is there where the cloud is older, which knows no "extended".
    private const string WholeQuery = "api-version=2021-08-01&extended=true";
    private const string OlderQuery = "api-version=2019-06-01";

    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    internal Imds(Host host, Endpoint endpoint, Action<Endpoint, Deadline>? tend = null)
        : this(new PlatformConnection("IMDS", new HttpConnection(endpoint), Backoff.Standard, host.Time, host.Log, tend))
    {
    }

    /// <summary>Asks until there is an answer; why there is none is told by the ProvisioningException.</summary>
    internal ImdsInstance Fetch(Deadline deadline, int mostTries = int.MaxValue)
    {
        ImdsInstance? instance = null;
        string? problem = connection.Repeat(() => FetchOnce(deadline, out instance), deadline, mostTries);
        return problem is null ? instance! : throw new ProvisioningException(Failure.NoData, problem);
    }

    /// <summary>Reads an instance document; InvalidDataException when it is no JSON of that shape.</summary>
    internal static ImdsInstance Parse(byte[] body, bool isWhole)
    {
        ImdsDocument? document;
        try
        {
            ReadOnlySpan<byte> json = body;
            document = JsonSerializer.Deserialize(
                json.StartsWith(ByteOrderMark) ? json[ByteOrderMark.Length..] : json, AzureJson.Default.ImdsDocument);
        }
        catch (JsonException e)
        {
            throw new InvalidDataException(
                $"instance metadata are not the JSON expected, at line {e.LineNumber + 1}, byte {e.BytePositionInLine}", e);
        }

        ImdsDocument.ComputePart compute = document?.Compute
            ?? throw new InvalidDataException("instance metadata have no 'compute'");
        var keys = new List<string>();
        foreach (ImdsDocument.PublicKeyPart? key in compute.PublicKeys ?? [])
        {
            if (Text(key?.KeyData) is { } value)
            {
                keys.Add(value);
            }
        }

        return new ImdsInstance(
            VmId.TryTake(compute.VmId?.ToLowerInvariant()),
            Text(compute.OsProfile?.ComputerName),
            Text(compute.OsProfile?.AdminUsername),
            Flag(compute.OsProfile?.DisablePasswordAuthentication),
            keys,
            Decode(Text(compute.UserData)),
            Flag(document.Extended?.Compute?.HasCustomData),
            Text(document.Extended?.Compute?.PpsType),
            isWhole);
    }

    // Who needs an answer repeats 400 like 503, as azure-init does: what the server does not know yet, it may know soon.
    private Attempt FetchOnce(Deadline deadline, out ImdsInstance? instance)
    {
        Attempt outcome = FetchOnce(WholeQuery, deadline, out HttpResponse? answer, out instance);
        if (answer?.Status == 400)
        {
            outcome = FetchOnce(OlderQuery, deadline, out answer, out instance);
        }

        return answer?.Status == 400 ? outcome with { IsFinal = false } : outcome;
    }

    private Attempt FetchOnce(string query, Deadline deadline, out HttpResponse? answer, out ImdsInstance? instance)
    {
        instance = null;
        var request = new HttpRequest($"/metadata/instance?{query}", [new HttpHeader("Metadata", "true")]);
        Attempt outcome = connection.Ask(request, deadline, out answer);
        if (answer is { IsSuccess: true })
        {
            try
            {
                instance = Parse(answer.Body, query == WholeQuery);
            }
            catch (InvalidDataException e)
            {
                return new Attempt(e.Message);
            }
        }

        return outcome;
    }

    private static string? Text(string? value) => string.IsNullOrEmpty(value) ? null : value;

    private static bool? Flag(string? value) => value?.ToLowerInvariant() switch
    {
        "true" => true,
        "false" => false,
        _ => null,
    };

    // What is not base64 is no user data. They are only kept for whoever wants them, and so must not stop the machine.
    private static Secret? Decode(string? base64) =>
        base64 is not null && Base64Text.TryDecode(base64) is { Length: > 0 } bytes ? new Secret(bytes) : null;
}
