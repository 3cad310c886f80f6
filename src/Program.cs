namespace Azprovision;

internal static class Program
{
    private static int Main(string[] args)
    {
        return args.Length;
    }
}
