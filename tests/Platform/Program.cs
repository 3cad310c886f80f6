namespace Azprovision.Tests.Platform;

internal static class Program
{
    private static int Main() => 0;
}
