using System.Formats.Cbor;
using static EdgeAgent.Publishing.SenMlCbor;

namespace EdgeAgent.Publishing;

/// <summary>Reads what <see cref="SenMlCbor"/> writes.</summary>
internal static class SenMlCborReader
{
    private const int MaxDepth = 16;

    private const double MaxSeconds = 9e9;

    /// <exception cref="InvalidDataException">It is something else.</exception>
    public static DecodedPayload Decode(ReadOnlyMemory<byte> payload)
    {
        try
        {
            var pack = new SenMlPack();
            var cbor = new CborReader(payload, CborConformanceMode.Lax);
            cbor.ReadStartArray();
            while (cbor.PeekState() != CborReaderState.EndArray) pack.Add(ReadRecord(cbor));
            cbor.ReadEndArray();
            if (cbor.BytesRemaining > 0) throw new InvalidDataException("Something follows the CBOR.");
            return pack.ToPayload();
        }
        // The latter three are items of the wrong kind or out of range.
        catch (Exception e) when (e is CborContentException or InvalidOperationException or OverflowException or FormatException)
        {
            throw new InvalidDataException($"This is no record in CBOR: {e.Message}", e);
        }
    }

    private static SenMlRecord ReadRecord(CborReader cbor)
    {
        var record = default(SenMlRecord);
        cbor.ReadStartMap();
        while (cbor.PeekState() != CborReaderState.EndMap)
        {
            if (cbor.PeekState() == CborReaderState.TextString) ReadOurs(cbor, ref record);
            else ReadRegistered(cbor, ref record);
        }
        cbor.ReadEndMap();
        return record;
    }

    private static void ReadRegistered(CborReader cbor, ref SenMlRecord record)
    {
        switch (cbor.ReadInt32())
        {
            case Label.BaseName: record.BaseName = cbor.ReadTextString(); break;
            case Label.BaseTime: record.BaseTimeNs = Nanoseconds(cbor); break;
            case Label.Name: record.Name = cbor.ReadTextString(); break;
            case Label.Unit: record.Unit = cbor.ReadTextString(); break;
            case Label.Value: record.Value = ReadNumber(cbor); break;
            case Label.Time: record.TimeNs = Nanoseconds(cbor); break;
            default: Skip(cbor, depth: 0); break;
        }
    }

    private static void ReadOurs(CborReader cbor, ref SenMlRecord record)
    {
        switch (cbor.ReadTextString())
        {
            case "tenant": record.Tenant = cbor.ReadTextString(); break;
            case "epoch": record.Epoch = cbor.ReadInt64(); break;
            case "boot": record.Boot = Guid.ParseExact(cbor.ReadTextString(), "D"); break;
            case "sequence": record.Sequence = cbor.ReadInt64(); break;
            case "clock": record.Clock = cbor.ReadTextString(); break;
            case "unit": record.Unit = cbor.ReadTextString(); break;
            default: Skip(cbor, depth: 0); break;
        }
    }

    private static double ReadNumber(CborReader cbor) =>
        cbor.PeekState() is CborReaderState.UnsignedInteger or CborReaderState.NegativeInteger ? cbor.ReadInt64() : cbor.ReadDouble();

    /// <summary>Rounded to microseconds, which is what was written.</summary>
    private static long Nanoseconds(CborReader cbor) =>
        ReadNumber(cbor) is > -MaxSeconds and < MaxSeconds and var seconds ? (long)Math.Round(seconds * 1e6) * 1000 : throw new FormatException("a time is out of range");

    /// <summary>Passes over what nobody asked for. The reader's own way sets memory aside for each level of nesting.</summary>
    private static void Skip(CborReader cbor, int depth)
    {
        if (depth > MaxDepth) throw new InvalidDataException($"A field is nested deeper than {MaxDepth}.");
        switch (cbor.PeekState())
        {
            case CborReaderState.StartArray:
                cbor.ReadStartArray();
                while (cbor.PeekState() != CborReaderState.EndArray) Skip(cbor, depth + 1);
                cbor.ReadEndArray();
                break;
            case CborReaderState.StartMap:
                cbor.ReadStartMap();
                while (cbor.PeekState() != CborReaderState.EndMap) Skip(cbor, depth + 1);
                cbor.ReadEndMap();
                break;
            case CborReaderState.Tag:
                cbor.ReadTag();
                Skip(cbor, depth + 1);
                break;
            default:
                cbor.SkipValue();
                break;
        }
    }
}
