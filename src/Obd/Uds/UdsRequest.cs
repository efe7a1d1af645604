using System.Buffers.Binary;

namespace EdgeAgent.Obd.Uds;

/// <summary>
/// Encodes requests of ISO 14229-1 into a buffer. Each method returns how many bytes it has written; <see cref="MaxBytes"/> and the data that is
/// handed over always fit.
/// </summary>
public static class UdsRequest
{
    /// <summary>The longest request, in bytes, apart from data that is handed over.</summary>
    public const int MaxBytes = 8;

    /// <summary>The most data identifiers of one request; most ECUs take fewer.</summary>
    public const int MaxIdentifiers = 16;

    /// <summary>10: DiagnosticSessionControl.</summary>
    public static int SessionControl(Span<byte> request, byte session) => Write(request, UdsService.DiagnosticSessionControl, session);

    /// <summary>11: ECUReset. 01 hard, 02 key off and on, 03 soft.</summary>
    public static int EcuReset(Span<byte> request, byte type) => Write(request, UdsService.EcuReset, type);

    /// <summary>3E: TesterPresent.</summary>
    /// <param name="request">Where to.</param>
    /// <param name="wantsAnswer">False to have no positive answer.</param>
    public static int TesterPresent(Span<byte> request, bool wantsAnswer) => Write(request, UdsService.TesterPresent, wantsAnswer ? (byte)0 : UdsService.SuppressPositiveResponse);

    /// <summary>14: ClearDiagnosticInformation.</summary>
    /// <param name="request">Where to.</param>
    /// <param name="group">24 bits: FFFFFF all groups, FFFF33 emissions, or one code.</param>
    public static int ClearDiagnosticInformation(Span<byte> request, uint group)
    {
        request[0] = UdsService.ClearDiagnosticInformation;
        WriteCode(request[1..], group);
        return 4;
    }

    /// <summary>19 01, 19 02: number of trouble codes, or the codes, with any of these status bits.</summary>
    public static int ReadDtcByStatus(Span<byte> request, byte report, DtcStatus mask) => Write(request, UdsService.ReadDtcInformation, report, mask.Value);

    /// <summary>19 0A: every code that the ECU can have.</summary>
    public static int ReadSupportedDtc(Span<byte> request) => Write(request, UdsService.ReadDtcInformation, DtcReport.Supported);

    /// <summary>19 04, 19 06: snapshots of a code, or its extended data.</summary>
    /// <param name="request">Where to.</param>
    /// <param name="report">04 or 06.</param>
    /// <param name="code">24 bits.</param>
    /// <param name="record">The record's number; FF for all.</param>
    public static int ReadDtcRecord(Span<byte> request, byte report, uint code, byte record)
    {
        Write(request, UdsService.ReadDtcInformation, report);
        WriteCode(request[2..], code);
        request[5] = record;
        return 6;
    }

    /// <summary>19 42: codes of a functional group (33: emissions) with any of these status bits and severities.</summary>
    public static int ReadWwhObdDtc(Span<byte> request, byte group, DtcStatus mask, byte severity)
    {
        Write(request, UdsService.ReadDtcInformation, DtcReport.WwhObdByMask, group);
        (request[3], request[4]) = (mask.Value, severity);
        return 5;
    }

    /// <summary>19 55: permanent codes of a functional group.</summary>
    public static int ReadPermanentDtc(Span<byte> request, byte group) => Write(request, UdsService.ReadDtcInformation, DtcReport.WwhObdPermanent, group);

    /// <summary>22: ReadDataByIdentifier. The buffer needs a byte and two for each identifier.</summary>
    /// <exception cref="ArgumentException">None, or more than <see cref="MaxIdentifiers"/>.</exception>
    public static int ReadData(Span<byte> request, params ReadOnlySpan<ushort> identifiers)
    {
        if (identifiers.Length is 0 or > MaxIdentifiers) throw new ArgumentException($"1 to {MaxIdentifiers} identifiers can be read at once.", nameof(identifiers));
        request[0] = UdsService.ReadDataByIdentifier;
        for (int i = 0; i < identifiers.Length; i++) BinaryPrimitives.WriteUInt16BigEndian(request[(1 + 2 * i)..], identifiers[i]);
        return 1 + 2 * identifiers.Length;
    }

    /// <summary>2E: WriteDataByIdentifier. The buffer needs three bytes and the data.</summary>
    public static int WriteData(Span<byte> request, ushort identifier, ReadOnlySpan<byte> data)
    {
        request[0] = UdsService.WriteDataByIdentifier;
        BinaryPrimitives.WriteUInt16BigEndian(request[1..], identifier);
        data.CopyTo(request[3..]);
        return 3 + data.Length;
    }

    /// <summary>31: RoutineControl. 01 start, 02 stop, 03 results. The buffer needs four bytes and the options.</summary>
    public static int Routine(Span<byte> request, byte control, ushort routine, ReadOnlySpan<byte> options)
    {
        Write(request, UdsService.RoutineControl, control);
        BinaryPrimitives.WriteUInt16BigEndian(request[2..], routine);
        options.CopyTo(request[4..]);
        return 4 + options.Length;
    }

    private static int Write(Span<byte> request, params ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(request);
        return bytes.Length;
    }

    private static void WriteCode(Span<byte> request, uint code)
    {
        request[0] = (byte)(code >> 16);
        BinaryPrimitives.WriteUInt16BigEndian(request[1..], (ushort)code);
    }
}
