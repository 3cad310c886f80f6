namespace Azprovision.Disks;

/// <summary>What there is on a resource disk. What is neither of these is somebody's, and an exception tells what it is.</summary>
internal enum DiskContents
{
    /// <summary>As the platform delivers it: nothing is lost by formatting it.</summary>
    Fresh,

    /// <summary>Our table is on it, and a run that ended too early was to make its file system. Nobody has used it yet.</summary>
    Unfinished,

    /// <summary>Our file system, which is never made again.</summary>
    Ours,
}
