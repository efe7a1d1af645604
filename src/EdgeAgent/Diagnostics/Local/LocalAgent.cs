using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeAgent.Management;
using EdgeAgent.Management.Commands;
using EdgeAgent.Tenancy.Access;

namespace EdgeAgent.Diagnostics.Local;

/// <summary>Does what a user of the device asks for, if he may.</summary>
internal delegate Task<OperationOutcome> LocalExecution(Principal principal, string operation, JsonElement arguments, CancellationToken stop);

/// <summary>Lets a user of the device look on, if he may; see <see cref="OperationRunner.WatchLocalAsync"/>.</summary>
internal delegate Task<OperationOutcome> LocalWatch(Principal principal, Operation operation, Func<Func<bool>, CancellationToken, Task> watch, CancellationToken stop);

/// <summary>What the local API has of the agent. Any thread.</summary>
/// <param name="Execute">Decides, does and audits.</param>
/// <param name="Watch">Decides, audits, and ends what is watched when it has to end.</param>
/// <param name="Status">How the agent is; for who may see it.</param>
/// <param name="Signals">A look at the last values; for who may see them. Null while nothing is recorded.</param>
/// <param name="Metrics">For Prometheus; for who may see the status.</param>
/// <param name="Trouble">Why it hangs; null if it does not. For everybody.</param>
internal sealed record LocalAgent(
    LocalExecution Execute, LocalWatch Watch, Func<JsonObject> Status, Func<SignalFilter, SignalView?> Signals, Func<string> Metrics, Func<string?> Trouble);
