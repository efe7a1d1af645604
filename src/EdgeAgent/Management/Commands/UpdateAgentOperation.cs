using System.Text.Json.Nodes;
using EdgeAgent.Tenancy.Access;

namespace EdgeAgent.Management.Commands;

/// <summary><c>agent.update</c>: another release is fetched, and installed when the vehicle stands. The answer says that it was taken; what came of it is an event.</summary>
internal sealed class UpdateAgentOperation(Func<OperationArguments, CancellationToken, Task<JsonObject>> take) : IOperation
{
    public Operation Name => Operation.UpdateAgent;

    public Task<JsonObject> RunAsync(OperationArguments arguments, CancellationToken stop)
    {
        arguments.Expect("manifest", "whileMoving", "oneWay");
        return take(arguments, stop);
    }
}
