using EdgeAgent.Can;

namespace EdgeAgent.Obd.Uds;

/// <summary>What a client of ISO 14229-1 may do beyond reading. By default nothing.</summary>
[Flags]
public enum UdsPermissions
{
    /// <summary>Reading, sessions and tester present.</summary>
    None = 0,

    /// <summary>14: clearing trouble codes.</summary>
    Clear = 1,

    /// <summary>11: resetting an ECU.</summary>
    Reset = 2,

    /// <summary>2E: writing data.</summary>
    Write = 4,

    /// <summary>31: starting and stopping routines.</summary>
    Routines = 8,
}

/// <summary>
/// ISO 14229-1 over a link, which waits longer after 7F xx 78 (<see cref="ObdTiming"/>). With an ECU it asks that one (physical addressing),
/// without all of them (functional). A refusal of the only ECU asked is an <see cref="ObdException"/>. Thread-safe.
/// </summary>
public sealed class UdsClient(IObdLink link, UdsPermissions permissions = UdsPermissions.None)
{
    private const int MaxRequestBytes = 4095;

    /// <summary>Begins a session and tells how long the ECU may take in it.</summary>
    public async Task<SessionTiming> BeginSessionAsync(CanId ecu, byte session, CancellationToken stop)
    {
        var answer = await AskAsync(ecu, Encode(request => UdsRequest.SessionControl(request, session)), stop);
        return UdsResponse.TryReadSession(answer.Span, out var timing) ? timing : throw Malformed(ecu);
    }

    /// <summary>Keeps sessions that are not the default one from ending, which they do after 5 s. Asks for no answer.</summary>
    /// <param name="ecu">One ECU; null for all.</param>
    /// <param name="stop">Gives up.</param>
    public Task TesterPresentAsync(CanId? ecu, CancellationToken stop) => link.RequestAsync(ecu, Encode(request => UdsRequest.TesterPresent(request, wantsAnswer: false)), stop);

    /// <summary>Reads the data of one identifier.</summary>
    public async Task<ReadOnlyMemory<byte>> ReadDataAsync(CanId ecu, ushort identifier, CancellationToken stop)
    {
        var answer = await AskAsync(ecu, Encode(request => UdsRequest.ReadData(request, identifier)), stop);
        return UdsResponse.TryReadData(answer.Span, identifier, out var data) ? answer[(answer.Length - data.Length)..] : throw Malformed(ecu);
    }

    /// <summary>Reads the data of one identifier from all ECUs that have it.</summary>
    public async Task<IReadOnlyList<(CanId Ecu, ReadOnlyMemory<byte> Data)>> ReadDataOfAllAsync(ushort identifier, CancellationToken stop)
    {
        List<(CanId, ReadOnlyMemory<byte>)> all = [];
        foreach (var answer in await link.RequestAsync(null, Encode(request => UdsRequest.ReadData(request, identifier)), stop))
        {
            if (answer.IsPositive && UdsResponse.TryReadData(answer.Message.Span, identifier, out var data)) all.Add((answer.Ecu, answer.Message[(answer.Message.Length - data.Length)..]));
        }
        return all;
    }

    /// <summary>How many trouble codes have any of these status bits (19 01).</summary>
    public async Task<DtcCount> CountDtcsAsync(CanId ecu, DtcStatus mask, CancellationToken stop)
    {
        var answer = await AskAsync(ecu, Encode(request => UdsRequest.ReadDtcByStatus(request, DtcReport.NumberByStatusMask, mask)), stop);
        return UdsResponse.TryReadDtcCount(answer.Span, out var count) ? count : throw Malformed(ecu);
    }

    /// <summary>The trouble codes with any of these status bits (19 02).</summary>
    public Task<IReadOnlyList<DtcRecord>> ReadDtcsAsync(CanId ecu, DtcStatus mask, CancellationToken stop) =>
        DtcsAsync(ecu, Encode(request => UdsRequest.ReadDtcByStatus(request, DtcReport.ByStatusMask, mask)), stop);

    /// <summary>Every code that the ECU can have (19 0A).</summary>
    public Task<IReadOnlyList<DtcRecord>> ReadSupportedDtcsAsync(CanId ecu, CancellationToken stop) => DtcsAsync(ecu, Encode(UdsRequest.ReadSupportedDtc), stop);

    /// <summary>Snapshots of a code (19 04) or its extended data (19 06), as they come.</summary>
    /// <param name="ecu">Whom to ask.</param>
    /// <param name="report">04 or 06.</param>
    /// <param name="code">24 bits.</param>
    /// <param name="record">The record's number; FF for all.</param>
    /// <param name="stop">Gives up.</param>
    public async Task<(DtcRecord Code, ReadOnlyMemory<byte> Records)> ReadDtcRecordsAsync(CanId ecu, byte report, uint code, byte record, CancellationToken stop)
    {
        var answer = await AskAsync(ecu, Encode(request => UdsRequest.ReadDtcRecord(request, report, code, record)), stop);
        return UdsResponse.TryReadDtcRecords(answer.Span, out var found, out var records) ? (found, answer[(answer.Length - records.Length)..]) : throw Malformed(ecu);
    }

    /// <summary>Clears trouble codes (14).</summary>
    /// <param name="ecu">One ECU; null for all.</param>
    /// <param name="group">24 bits: FFFFFF all, FFFF33 emissions, or one code.</param>
    /// <param name="stop">Gives up.</param>
    public Task<IReadOnlyList<ObdAnswer>> ClearAsync(CanId? ecu, uint group, CancellationToken stop)
    {
        Require(UdsPermissions.Clear, "clearing trouble codes (14)");
        return link.RequestAsync(ecu, Encode(request => UdsRequest.ClearDiagnosticInformation(request, group)), stop);
    }

    /// <summary>Resets an ECU (11).</summary>
    public Task ResetAsync(CanId ecu, byte type, CancellationToken stop)
    {
        Require(UdsPermissions.Reset, "a reset (11)");
        return AskAsync(ecu, Encode(request => UdsRequest.EcuReset(request, type)), stop);
    }

    /// <summary>Writes the data of an identifier (2E).</summary>
    public Task WriteDataAsync(CanId ecu, ushort identifier, ReadOnlyMemory<byte> data, CancellationToken stop)
    {
        Require(UdsPermissions.Write, "writing data (2E)");
        ArgumentOutOfRangeException.ThrowIfGreaterThan(data.Length, MaxRequestBytes - UdsRequest.MaxBytes, nameof(data));
        return AskAsync(ecu, Encode(request => UdsRequest.WriteData(request, identifier, data.Span), data.Length), stop);
    }

    /// <summary>Starts (01) or stops (02) a routine, or asks for its results (03): service 31. Returns its status record.</summary>
    public async Task<ReadOnlyMemory<byte>> RoutineAsync(CanId ecu, byte control, ushort routine, ReadOnlyMemory<byte> options, CancellationToken stop)
    {
        Require(UdsPermissions.Routines, "routines (31)");
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Length, MaxRequestBytes - UdsRequest.MaxBytes, nameof(options));
        var answer = await AskAsync(ecu, Encode(request => UdsRequest.Routine(request, control, routine, options.Span), options.Length), stop);
        return UdsResponse.TryReadRoutine(answer.Span, out ushort done, out var status) && done == routine ? answer[(answer.Length - status.Length)..] : throw Malformed(ecu);
    }

    private delegate int Encoder(Span<byte> request);

    private static byte[] Encode(Encoder encode, int data = 0)
    {
        Span<byte> request = stackalloc byte[UdsRequest.MaxBytes + 2 * UdsRequest.MaxIdentifiers];
        if (data > 0) request = new byte[UdsRequest.MaxBytes + data];
        return request[..encode(request)].ToArray();
    }

    private async Task<IReadOnlyList<DtcRecord>> DtcsAsync(CanId ecu, ReadOnlyMemory<byte> request, CancellationToken stop)
    {
        var answer = await AskAsync(ecu, request, stop);
        if (!UdsResponse.TryReadDtcs(answer.Span, out var records)) throw Malformed(ecu);
        List<DtcRecord> all = [];
        foreach (var record in records) all.Add(record);
        return all;
    }

    private async Task<ReadOnlyMemory<byte>> AskAsync(CanId ecu, ReadOnlyMemory<byte> request, CancellationToken stop)
    {
        var answers = await link.RequestAsync(ecu, request, stop);
        if (answers.Count == 0) throw new ObdException(ObdFault.NoAnswer, $"{ecu} does not answer");
        return answers[0].Trouble is { } trouble ? throw new ObdException(ObdFault.Refused, $"{ecu} refuses service {request.Span[0]:X2}: {trouble}") : answers[0].Message;
    }

    private void Require(UdsPermissions needed, string what)
    {
        if ((permissions & needed) == 0) throw new ObdException(ObdFault.NotPermitted, $"{what} is not permitted");
    }

    private static ObdException Malformed(CanId ecu) => new(ObdFault.Refused, $"{ecu}: the answer is malformed");
}
