using System.Buffers.Binary;
using System.Numerics;
using EdgeAgent.Can;

namespace EdgeAgent.Obd;

/// <summary>What ECUs have, several parameters at once, and everything beyond current data and trouble codes.</summary>
public sealed partial class ObdClient
{
    private const int IdsInRange = 32, LastRange = 0xE0;

    /// <summary>
    /// Which parameters (services 01 and 02), tests (05), monitors (06) or information types (09) each ECU has. The ids 00, 20, 40 … tell of the
    /// 32 that follow, the last of them whether to ask on.
    /// </summary>
    public async Task<IReadOnlyDictionary<CanId, IReadOnlySet<byte>>> SupportedAsync(byte service, CancellationToken stop)
    {
        if (!ObdService.HasParameter(service)) throw new ArgumentException($"Service {service:X2} has no parameters.", nameof(service));
        Dictionary<CanId, IReadOnlySet<byte>> supported = [];
        bool more = true;
        for (int range = 0; more && range <= LastRange; range += IdsInRange)
        {
            more = false;
            byte[] request = service == ObdService.FreezeFrameData ? [service, (byte)range, 0] : [service, (byte)range];
            foreach (var answer in await link.RequestAsync(null, request, stop))
            {
                if (!answer.IsPositive || answer.Message.Length < request.Length || !BinaryPrimitives.TryReadUInt32BigEndian(answer.Message.Span[request.Length..], out uint bits)) continue;
                if (!supported.TryGetValue(answer.Ecu, out var set)) supported.Add(answer.Ecu, set = new SortedSet<byte>());
                for (; bits != 0; bits &= bits - 1)
                {
                    int id = range + IdsInRange - BitOperations.TrailingZeroCount(bits);
                    if (id <= byte.MaxValue) ((SortedSet<byte>)set).Add((byte)id);
                    more |= id == range + IdsInRange;
                }
            }
        }
        return supported;
    }

    /// <summary>Asks for up to <see cref="CurrentData.MaxPids"/> parameters of service 01 at once, as only CAN allows.</summary>
    /// <returns>For each ECU the data of those that it has. An ECU whose answer cannot be divided into them is not there.</returns>
    public async Task<IReadOnlyDictionary<CanId, IReadOnlyList<(byte Pid, ReadOnlyMemory<byte> Data)>>> CurrentDataAsync(CanId? ecu, ReadOnlyMemory<byte> pids, CancellationToken stop)
    {
        Dictionary<CanId, IReadOnlyList<(byte, ReadOnlyMemory<byte>)>> all = [];
        foreach (var answer in await link.RequestAsync(ecu, CurrentData.Request(pids.Span), stop))
        {
            if (answer.IsPositive && CurrentData.TrySplit(answer.Message, pids.Span, out var parameters)) all[answer.Ecu] = parameters;
        }
        return all;
    }

    /// <summary>The freeze frames that ECUs have stored, each with the code that caused it and all parameters of that moment.</summary>
    /// <param name="frame">Its number: 0 for the one that all ECUs have.</param>
    /// <param name="stop">Gives up.</param>
    public async Task<IReadOnlyList<FreezeFrame>> FreezeFramesAsync(byte frame, CancellationToken stop)
    {
        Dictionary<CanId, DiagnosticTroubleCode> causes = [];
        foreach (var answer in await link.RequestAsync(null, new byte[] { ObdService.FreezeFrameData, FreezeFrame.CausePid, frame }, stop))
        {
            if (!answer.IsPositive || answer.Message.Length < 5) continue;
            var cause = DiagnosticTroubleCode.FromJ1979(answer.Message.Span[3..5]);
            if (cause.Code != 0) causes[answer.Ecu] = cause; // 0000: there is none
        }
        if (causes.Count == 0) return [];
        Dictionary<CanId, SortedDictionary<byte, ReadOnlyMemory<byte>>> data = [];
        foreach (byte pid in (await SupportedAsync(ObdService.FreezeFrameData, stop)).Where(ecu => causes.ContainsKey(ecu.Key)).SelectMany(ecu => ecu.Value).Distinct().Order())
        {
            if (pid == FreezeFrame.CausePid || pid % IdsInRange == 0) continue;
            foreach (var answer in await link.RequestAsync(null, new byte[] { ObdService.FreezeFrameData, pid, frame }, stop))
            {
                if (!answer.IsPositive || answer.Message.Length < 4 || !causes.ContainsKey(answer.Ecu)) continue;
                if (!data.TryGetValue(answer.Ecu, out var parameters)) data.Add(answer.Ecu, parameters = []);
                parameters[pid] = answer.Message[3..];
            }
        }
        return [.. causes.OrderBy(cause => cause.Key).Select(cause => new FreezeFrame(cause.Key, frame, cause.Value, data.GetValueOrDefault(cause.Key) ?? []))];
    }

    /// <summary>The state of each ECU's monitors.</summary>
    /// <param name="isThisCycle">Of this driving cycle (41), or since trouble codes were cleared (01).</param>
    /// <param name="stop">Gives up.</param>
    public async Task<IReadOnlyList<(CanId Ecu, ReadinessReport Report)>> ReadinessAsync(bool isThisCycle, CancellationToken stop)
    {
        List<(CanId, ReadinessReport)> all = [];
        foreach (var answer in await CurrentDataAsync(null, isThisCycle ? (byte)0x41 : (byte)0x01, stop))
        {
            if (answer.IsPositive && ReadinessReport.TryRead(answer.Message.Length > 2 ? answer.Message.Span[2..] : [], out var report)) all.Add((answer.Ecu, report));
        }
        return all;
    }

    /// <summary>An information type of service 09 from each ECU that has it.</summary>
    public async Task<IReadOnlyList<(CanId Ecu, VehicleInformation Information)>> InformationAsync(byte type, CancellationToken stop)
    {
        List<(CanId, VehicleInformation)> all = [];
        foreach (var answer in await link.RequestAsync(null, new[] { ObdService.VehicleInformation, type }, stop))
        {
            if (answer.IsPositive && VehicleInformation.Read(answer.Message.Span) is { } information) all.Add((answer.Ecu, information));
        }
        return all;
    }

    /// <summary>The results of all monitors of each ECU (service 06).</summary>
    public async Task<IReadOnlyList<(CanId Ecu, MonitoringResult Result)>> MonitoringResultsAsync(CancellationToken stop)
    {
        List<(CanId, MonitoringResult)> all = [];
        foreach (byte monitor in (await SupportedAsync(ObdService.MonitoringResults, stop)).SelectMany(ecu => ecu.Value).Distinct().Where(id => id % IdsInRange != 0).Order())
        {
            foreach (var answer in await link.RequestAsync(null, new[] { ObdService.MonitoringResults, monitor }, stop))
            {
                if (answer.IsPositive) all.AddRange(MonitoringResult.Read(answer.Message.Span).Select(result => (answer.Ecu, result)));
            }
        }
        return all;
    }
}

/// <summary>What an ECU stored of the moment of a fault (service 02).</summary>
/// <param name="Ecu">The identifier of its answers.</param>
/// <param name="Number">The frame's number.</param>
/// <param name="Cause">The trouble code that caused it.</param>
/// <param name="Parameters">The data of each parameter; decode it with <see cref="ObdPids.Find"/>.</param>
public sealed record FreezeFrame(CanId Ecu, byte Number, DiagnosticTroubleCode Cause, IReadOnlyDictionary<byte, ReadOnlyMemory<byte>> Parameters)
{
    internal const byte CausePid = 0x02;
}
