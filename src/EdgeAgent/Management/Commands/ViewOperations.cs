using System.Text.Json.Nodes;
using EdgeAgent.Tenancy.Access;

namespace EdgeAgent.Management.Commands;

/// <summary><c>status</c>, <c>ledger.read</c>, <c>config.read</c>: something that the agent knows anyway, without arguments.</summary>
internal sealed class ViewOperation(Operation name, Func<JsonObject> view) : IOperation
{
    public Operation Name => name;

    public bool IsLook => true;

    public Task<JsonObject> RunAsync(OperationArguments arguments, CancellationToken stop)
    {
        arguments.Expect();
        return Task.FromResult(view());
    }
}

/// <summary><c>signals.read</c>: the last value of each signal, of those that <c>bus</c> and <c>name</c> select.</summary>
/// <param name="view">A look at them; null while nothing is recorded.</param>
internal sealed class SignalsOperation(Func<SignalFilter, SignalView?> view) : IOperation
{
    public Operation Name => Operation.ReadSignals;

    public bool IsLook => true;

    public Task<JsonObject> RunAsync(OperationArguments arguments, CancellationToken stop)
    {
        arguments.Expect("bus", "name");
        var signals = view(new SignalFilter(arguments.TryText("bus"), arguments.TryText("name")));
        if (signals is null) return Task.FromResult(new JsonObject { ["signals"] = new JsonArray() });
        signals.Look();
        return Task.FromResult(JsonNode.Parse(JsonMembers.Object(json =>
        {
            json.WritePropertyName("signals"u8);
            signals.Write(json);
        }).Span)!.AsObject());
    }
}
