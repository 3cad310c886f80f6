using System.Collections.Generic;

namespace Azprovision.Azure;

/// <summary>
/// The members of /metadata/instance that are read. Each may be missing: the api-version decides. (Plain classes with
/// setters: a constructor with parameters would link another converter.)
/// </summary>
internal sealed class ImdsDocument
{
    public ComputePart? Compute { get; set; }

    public ExtendedPart? Extended { get; set; }

    internal sealed class ComputePart
    {
        public string? VmId { get; set; }

        public OsProfilePart? OsProfile { get; set; }

        public List<PublicKeyPart?>? PublicKeys { get; set; }

        public string? UserData { get; set; }
    }

    internal sealed class OsProfilePart
    {
        public string? AdminUsername { get; set; }

        public string? ComputerName { get; set; }

        public string? DisablePasswordAuthentication { get; set; }
    }

    internal sealed class PublicKeyPart
    {
        public string? KeyData { get; set; }
    }

    internal sealed class ExtendedPart
    {
        public ExtendedComputePart? Compute { get; set; }
    }

    internal sealed class ExtendedComputePart
    {
        public string? PpsType { get; set; }
    }
}
