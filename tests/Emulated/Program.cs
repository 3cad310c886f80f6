using System;
using System.Reflection;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace Azprovision.Tests.Emulated;

/// <summary>
/// Runs the unit tests of some namespaces in this process, which "make test-arm64" starts in an emulator: "dotnet test"
/// would need a dotnet of that architecture.
/// </summary>
internal static class Program
{
    private static int Main(string[] namespaces)
    {
        Assembly tests = Assembly.Load("Unit");
        using var framework = new XunitTestFramework(new Sink(namespaces));
        using ITestFrameworkDiscoverer discoverer = framework.GetDiscoverer(Reflector.Wrap(tests));
        using var found = new Sink(namespaces);
        discoverer.Find(includeSourceInformation: false, found, new Options());
        found.WaitForEnd();

        using ITestFrameworkExecutor executor = framework.GetExecutor(tests.GetName());
        using var run = new Sink(namespaces);
        executor.RunTests(found.Cases, run, new Options());
        run.WaitForEnd();
        Console.WriteLine($"{run.Passed} passed, {run.Failed} failed");
        return run.Failed == 0 && run.Passed > 0 ? 0 : 1;
    }
}
