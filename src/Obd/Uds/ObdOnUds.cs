using EdgeAgent.Can;

namespace EdgeAgent.Obd.Uds;

/// <summary>
/// SAE J1979-2 (OBDonUDS): legislated diagnostics of newer vehicles, with the services of ISO 14229-1. What was parameter xx is data identifier
/// F4xx, what was information type xx is F8xx, with the same data. Thread-safe.
/// </summary>
public sealed class ObdOnUds(IObdLink link)
{
    /// <summary>F810: which legislated diagnostics an ECU speaks; ECUs of SAE J1979 do not know it (ISO 15765-4:2021).</summary>
    public const ushort ProtocolIdentification = 0xF810;

    /// <summary>FFFF33: the codes that concern emissions.</summary>
    public const uint EmissionsGroup = 0xFFFF33;

    private const ushort Parameters = 0xF400, Information = 0xF800;
    private const byte EmissionsFunctionalGroup = 0x33, AllSeverities = 0x1E, Confirmed = 0x08, Pending = 0x04;

    private readonly UdsClient _client = new(link, UdsPermissions.Clear);

    /// <summary>The ECUs that speak SAE J1979-2; none in a vehicle that speaks SAE J1979.</summary>
    public async Task<IReadOnlyList<CanId>> DetectAsync(CancellationToken stop) => [.. (await _client.ReadDataOfAllAsync(ProtocolIdentification, stop)).Select(answer => answer.Ecu)];

    /// <summary>A parameter of service 01 from each ECU that has it; decode it with <see cref="ObdPids.Find"/>.</summary>
    public Task<IReadOnlyList<(CanId Ecu, ReadOnlyMemory<byte> Data)>> ParameterAsync(byte pid, CancellationToken stop) => _client.ReadDataOfAllAsync((ushort)(Parameters | pid), stop);

    /// <summary>An information type of service 09 from each ECU that has it.</summary>
    public async Task<IReadOnlyList<(CanId Ecu, VehicleInformation Information)>> InformationAsync(byte type, CancellationToken stop)
    {
        List<(CanId, VehicleInformation)> all = [];
        foreach (var (ecu, data) in await _client.ReadDataOfAllAsync((ushort)(Information | type), stop))
        {
            if (VehicleInformation.Read(type, byte.MaxValue, data.Span) is { } information) all.Add((ecu, information));
        }
        return all;
    }

    /// <summary>The trouble codes that concern emissions, of each ECU that answers.</summary>
    public async Task<IReadOnlyList<(CanId Ecu, IReadOnlyList<DtcRecord> Codes)>> TroubleCodesAsync(TroubleCodeKind kind, CancellationToken stop)
    {
        List<(CanId, IReadOnlyList<DtcRecord>)> all = [];
        foreach (var answer in await link.RequestAsync(null, Request(kind), stop))
        {
            if (!answer.IsPositive || !UdsResponse.TryReadDtcs(answer.Message.Span, out var records)) continue;
            List<DtcRecord> codes = [];
            foreach (var record in records) codes.Add(record);
            all.Add((answer.Ecu, codes));
        }
        return all;
    }

    /// <summary>Has all ECUs forget the codes that concern emissions (14 FFFF33).</summary>
    public Task<IReadOnlyList<ObdAnswer>> ClearTroubleCodesAsync(CancellationToken stop) => _client.ClearAsync(null, EmissionsGroup, stop);

    private static byte[] Request(TroubleCodeKind kind)
    {
        Span<byte> request = stackalloc byte[UdsRequest.MaxBytes];
        int length = kind == TroubleCodeKind.Permanent
            ? UdsRequest.ReadPermanentDtc(request, EmissionsFunctionalGroup)
            : UdsRequest.ReadWwhObdDtc(request, EmissionsFunctionalGroup, new DtcStatus(kind == TroubleCodeKind.Stored ? Confirmed : Pending), AllSeverities);
        return request[..length].ToArray();
    }
}
