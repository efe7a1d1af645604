using EdgeAgent.Can;
using EdgeAgent.Obd;

namespace EdgeAgent.Capture;

/// <summary>
/// Whether the engine runs, as the ECUs say it: PID 0C and, where the vehicle has it, 0D. With both 0 nothing more is asked but 0C now and then,
/// where the plan wants that.
/// </summary>
internal sealed partial class ObdPoller
{
    /// <summary>How often it is looked whether an engine that was off runs, while the bus is alive.</summary>
    public static readonly TimeSpan EngineInterval = TimeSpan.FromSeconds(10);

    private const byte EngineSpeedPid = 0x0C, VehicleSpeedPid = 0x0D;

    private static readonly TimeSpan EngineEvery = TimeSpan.FromSeconds(1);

    private static readonly byte[] EngineSpeedRequest = [ObdService.CurrentData, EngineSpeedPid];

    private bool _engineIsOff, _isStanding;
    private TimeSpan _engineLooked;
    private CanId? _engineEcu;

    /// <summary>What has to be asked beside the plan to know.</summary>
    private static IEnumerable<ObdQuery> EngineQueries(ObdPollPlan plan)
    {
        if (!plan.Manners.StopsWithEngine) yield break;
        foreach (byte pid in new[] { VehicleSpeedPid, EngineSpeedPid })
        {
            if (!plan.Queries.Any(query => query.Pid == pid && query.Every <= EngineEvery)) yield return new ParameterQuery(ObdPids.Find(pid)!, EngineEvery, isCaptured: false);
        }
    }

    private void ForgetEngine()
    {
        _engineIsOff = false;
        _isStanding = true;
        _engineEcu = null;
    }

    private void NoteEngine(byte? pid, ReadOnlySpan<byte> data, CanId ecu)
    {
        if (!plan.Manners.StopsWithEngine || _engineIsOff) return;
        if (pid == VehicleSpeedPid && data.Length > 0) _isStanding = data[0] == 0;
        if (pid != EngineSpeedPid || !IsStill(data) || !_isStanding) return;
        _engineIsOff = true;
        _engineEcu = ecu;
        _engineLooked = Now;
        CaptureLog.EngineIsOff(logger, bus);
    }

    private async Task LookForEngineAsync(TimeSpan now, CancellationToken stop)
    {
        if (now - _engineLooked < EngineInterval) return;
        _engineLooked = now;
        Volatile.Write(ref _requests, _requests + 1);
        foreach (var answer in await plan.Link.RequestAsync(_engineEcu, EngineSpeedRequest, stop))
        {
            var message = answer.Message.Span;
            if (!answer.IsPositive || message is not [_, EngineSpeedPid, _, _, ..] || IsStill(message[2..])) continue;
            BeginTrip(Now);
            CaptureLog.EngineRuns(logger, bus);
            return;
        }
    }

    private static bool IsStill(ReadOnlySpan<byte> data) => data is [0, 0, ..];
}
