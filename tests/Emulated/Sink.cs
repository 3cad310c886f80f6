using System;
using System.Collections.Generic;
using System.Threading;
using Xunit;
using Xunit.Abstractions;

namespace Azprovision.Tests.Emulated;

/// <summary>What xunit tells: the tests of these namespaces, and what became of them.</summary>
internal sealed class Sink(string[] namespaces) : LongLivedMarshalByRefObject, IMessageSink, IDisposable
{
    private readonly ManualResetEvent _end = new(false);

    internal List<ITestCase> Cases { get; } = [];

    internal int Passed { get; private set; }

    internal int Failed { get; private set; }

    internal void WaitForEnd() => _end.WaitOne();

    public void Dispose() => _end.Dispose();

    public bool OnMessage(IMessageSinkMessage message)
    {
        switch (message)
        {
            case ITestCaseDiscoveryMessage { TestCase: var test }:
                // An emulator is not fast enough for what a fuzzed input may take.
                string name = test.TestMethod.TestClass.Class.Name;
                if (Array.Exists(namespaces, wanted => name.StartsWith($"{wanted}.", StringComparison.Ordinal))
                    && !name.EndsWith("FuzzTests", StringComparison.Ordinal))
                {
                    Cases.Add(test);
                }

                break;
            case ITestPassed:
                Passed++;
                break;
            case ITestFailed failure:
                Fail($"{failure.Test.DisplayName}: {string.Join('\n', failure.Messages)}\n{string.Join('\n', failure.StackTraces)}");
                break;
            case IErrorMessage error:
                Fail(string.Join('\n', error.Messages));
                break;
            case IDiscoveryCompleteMessage or ITestAssemblyFinished:
                _end.Set();
                break;
        }

        return true;
    }

    private void Fail(string what)
    {
        Failed++;
        Console.WriteLine($"FAILED {what}");
    }
}
