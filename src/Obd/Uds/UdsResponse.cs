using System.Buffers.Binary;

namespace EdgeAgent.Obd.Uds;

/// <summary>How long an ECU may take in a session (answer to service 10).</summary>
/// <param name="Session">The session that began.</param>
/// <param name="Answer">P2Server_max: to begin an answer.</param>
/// <param name="PendingAnswer">P2*Server_max: after 7F xx 78.</param>
public readonly record struct SessionTiming(byte Session, TimeSpan Answer, TimeSpan PendingAnswer);

/// <summary>A trouble code with its status (service 19).</summary>
/// <param name="Code">The code, with its failure type.</param>
/// <param name="Status">Its status.</param>
/// <param name="Severity">Its severity and class (19 42), or null.</param>
public readonly record struct DtcRecord(DiagnosticTroubleCode Code, DtcStatus Status, byte? Severity = null);

/// <summary>How many trouble codes (19 01).</summary>
/// <param name="AvailableStatus">The status bits that the ECU supports.</param>
/// <param name="Format">0 SAE J2012, 1 ISO 14229-1, 2 SAE J1939-73, 3 ISO 11992-4, 4 SAE J2012 for WWH-OBD.</param>
/// <param name="Count">How many.</param>
public readonly record struct DtcCount(DtcStatus AvailableStatus, byte Format, int Count);

/// <summary>Decodes positive answers of ISO 14229-1. Nothing here throws: what is too short or another answer gives false. No allocation.</summary>
public static class UdsResponse
{
    private const int RecordBytes = 4, WwhRecordBytes = 5;

    /// <summary>50: DiagnosticSessionControl.</summary>
    public static bool TryReadSession(ReadOnlySpan<byte> message, out SessionTiming timing)
    {
        timing = default;
        if (message.Length < 6 || message[0] != UdsService.DiagnosticSessionControl + 0x40) return false;
        // P2 in milliseconds, P2* in tens of them (ISO 14229-2).
        timing = new SessionTiming(message[1], TimeSpan.FromMilliseconds(BinaryPrimitives.ReadUInt16BigEndian(message[2..])), TimeSpan.FromMilliseconds(BinaryPrimitives.ReadUInt16BigEndian(message[4..]) * 10));
        return true;
    }

    /// <summary>59 01: how many codes.</summary>
    public static bool TryReadDtcCount(ReadOnlySpan<byte> message, out DtcCount count)
    {
        count = default;
        if (!Is(message, DtcReport.NumberByStatusMask, 6)) return false;
        count = new DtcCount(new DtcStatus(message[2]), message[3], BinaryPrimitives.ReadUInt16BigEndian(message[4..]));
        return true;
    }

    /// <summary>59 02, 59 0A, 59 42, 59 55: codes with their status, one after the other.</summary>
    public static bool TryReadDtcs(ReadOnlySpan<byte> message, out DtcRecords records)
    {
        records = default;
        if (message.Length < 3 || message[0] != UdsService.ReadDtcInformation + 0x40) return false;
        switch (message[1])
        {
            case DtcReport.ByStatusMask or DtcReport.Supported:
                records = new DtcRecords(message[3..], RecordBytes, hasSeverity: false);
                return true;
            // Group, status and severity availability, format.
            case DtcReport.WwhObdByMask when message.Length >= 6:
                records = new DtcRecords(message[6..], WwhRecordBytes, hasSeverity: true);
                return true;
            // Group, status availability, format.
            case DtcReport.WwhObdPermanent when message.Length >= 5:
                records = new DtcRecords(message[5..], RecordBytes, hasSeverity: false);
                return true;
            default:
                return false;
        }
    }

    /// <summary>59 04, 59 06: a code and its records, whose layout the manufacturer defines.</summary>
    public static bool TryReadDtcRecords(ReadOnlySpan<byte> message, out DtcRecord code, out ReadOnlySpan<byte> records)
    {
        code = default;
        records = default;
        if (message.Length < 6 || message[0] != UdsService.ReadDtcInformation + 0x40 || message[1] is not (DtcReport.SnapshotByNumber or DtcReport.ExtendedDataByNumber)) return false;
        code = new DtcRecord(DiagnosticTroubleCode.FromUds(message[2..5]), new DtcStatus(message[5]));
        records = message[6..];
        return true;
    }

    /// <summary>62: the data of one identifier. Of several the lengths are not in the answer: ask for one at a time, or divide it by what is known of them.</summary>
    public static bool TryReadData(ReadOnlySpan<byte> message, ushort identifier, out ReadOnlySpan<byte> data)
    {
        data = default;
        if (message.Length < 3 || message[0] != UdsService.ReadDataByIdentifier + 0x40 || BinaryPrimitives.ReadUInt16BigEndian(message[1..]) != identifier) return false;
        data = message[3..];
        return true;
    }

    /// <summary>71: the status record of a routine.</summary>
    public static bool TryReadRoutine(ReadOnlySpan<byte> message, out ushort routine, out ReadOnlySpan<byte> status)
    {
        routine = 0;
        status = default;
        if (message.Length < 4 || message[0] != UdsService.RoutineControl + 0x40) return false;
        routine = BinaryPrimitives.ReadUInt16BigEndian(message[2..]);
        status = message[4..];
        return true;
    }

    private static bool Is(ReadOnlySpan<byte> message, byte report, int least) => message.Length >= least && message[0] == UdsService.ReadDtcInformation + 0x40 && message[1] == report;
}

/// <summary>The trouble codes of an answer, for <c>foreach</c>. What is too short for one at the end is passed over.</summary>
public ref struct DtcRecords
{
    private readonly int _recordBytes;
    private readonly bool _hasSeverity;
    private ReadOnlySpan<byte> _rest;

    internal DtcRecords(ReadOnlySpan<byte> records, int recordBytes, bool hasSeverity)
    {
        _rest = records;
        _recordBytes = recordBytes;
        _hasSeverity = hasSeverity;
    }

    /// <summary>The code that <see cref="MoveNext"/> has read.</summary>
    public DtcRecord Current { get; private set; }

    /// <summary>For <c>foreach</c>.</summary>
    public readonly DtcRecords GetEnumerator() => this;

    /// <summary>Reads the next. False at the end.</summary>
    public bool MoveNext()
    {
        if (_recordBytes == 0 || _rest.Length < _recordBytes) return false;
        // Severity first where there is one (ISO 14229-1 §12.3.5.7), then three bytes of code, then status.
        int code = _hasSeverity ? 1 : 0;
        Current = new DtcRecord(DiagnosticTroubleCode.FromUds(_rest.Slice(code, 3)), new DtcStatus(_rest[code + 3]), _hasSeverity ? _rest[0] : null);
        _rest = _rest[_recordBytes..];
        return true;
    }
}
