using System.Collections.Generic;

namespace Azprovision.Azure;

/// <summary>The members of /metadata/instance that are read. Each may be missing: the api-version decides.</summary>
internal sealed record ImdsDocument(ImdsDocument.ComputePart? Compute, ImdsDocument.ExtendedPart? Extended)
{
    internal sealed record ComputePart(string? VmId, OsProfilePart? OsProfile, List<PublicKeyPart?>? PublicKeys, string? UserData);

    internal sealed record OsProfilePart(
        string? AdminUsername, string? ComputerName, string? DisablePasswordAuthentication);

    internal sealed record PublicKeyPart(string? KeyData);

    internal sealed record ExtendedPart(ExtendedComputePart? Compute);

    internal sealed record ExtendedComputePart(string? PpsType);
}
