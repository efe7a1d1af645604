using System.Text.Json.Nodes;
using EdgeAgent.Can;
using EdgeAgent.Obd;
using EdgeAgent.Tenancy.Access;

namespace EdgeAgent.Management.Commands;

/// <summary>
/// One of the operations on the vehicle's ECUs: <c>dtc.read</c>, <c>dtc.clear</c>, <c>dtc.freeze</c>, <c>obd.discover</c> (argument <c>bus</c>), <c>obd.query</c>
/// (<c>bus</c>, <c>mode</c>, <c>pid</c>, <c>ecu</c>).
/// </summary>
internal sealed class ObdOperation : IOperation
{
    private readonly string[] _arguments;
    private readonly Func<OperationArguments, CancellationToken, Task<JsonObject>> _run;

    private ObdOperation(Operation name, string[] arguments, Func<OperationArguments, CancellationToken, Task<JsonObject>> run) => (Name, _arguments, _run) = (name, arguments, run);

    public Operation Name { get; }

    public static IReadOnlyList<IOperation> All(ObdOperations obd) =>
    [
        new ObdOperation(Operation.ReadTroubleCodes, ["bus"], (arguments, stop) => obd.DtcReadAsync(arguments.Text("bus"), stop)),
        new ObdOperation(Operation.ClearTroubleCodes, ["bus"], (arguments, stop) => obd.DtcClearAsync(arguments.Text("bus"), stop)),
        new ObdOperation(Operation.QueryObd, ["bus", "mode", "pid", "ecu"],
            (arguments, stop) => obd.QueryAsync(arguments.Text("bus"), arguments.Text("mode"), arguments.TryText("pid"), arguments.TryText("ecu"), stop)),
        new ObdOperation(Operation.ReadFreezeFrames, ["bus"], (arguments, stop) => obd.FreezeFramesAsync(arguments.Text("bus"), stop)),
        new ObdOperation(Operation.DiscoverObd, ["bus"], (arguments, stop) => obd.DiscoverAsync(arguments.Text("bus"), stop)),
    ];

    public async Task<JsonObject> RunAsync(OperationArguments arguments, CancellationToken stop)
    {
        arguments.Expect(_arguments);
        try
        {
            return await _run(arguments, stop);
        }
        catch (ObdException e) when (e.Fault == ObdFault.Arguments)
        {
            throw new OperationException(OperationException.WrongArguments, e.Message, e);
        }
        catch (Exception e) when (e is ObdException or CanSourceException)
        {
            throw new OperationException("vehicle", e.Message, e);
        }
    }
}
