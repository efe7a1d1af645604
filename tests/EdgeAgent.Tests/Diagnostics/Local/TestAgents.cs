using EdgeAgent.Diagnostics.Local;
using EdgeAgent.Management.Commands;

namespace EdgeAgent.Tests.Diagnostics.Local;

/// <summary>Agents for the local API.</summary>
internal static class TestAgents
{
    /// <summary>One that does what the test says, and has nothing to look at.</summary>
    public static LocalAgent That(LocalExecution execute) =>
        new(execute, (_, _, _, _) => Task.FromResult(OperationOutcome.Refused(OperationRunner.NotPermitted, "nothing to see")), () => [], _ => null, () => "metrics\n", () => null);
}
