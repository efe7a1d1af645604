using System.Text;
using EdgeAgent.Capture;
using EdgeAgent.Publishing.Columnar;
using EdgeAgent.Tenancy;
using Google.Protobuf;
using ZstdSharp;

namespace EdgeAgent.Publishing;

/// <summary>Reads what <see cref="ColumnarEncoder"/> writes. What it allocates is bounded by the limits of <see cref="ColumnarFormat"/>, whatever it is given.</summary>
internal static class ColumnarDecoder
{
    private const ulong MaxTimeUnitNs = 3_600_000_000_000;

    private static readonly MessageParser<ColumnarBatch> Parser = ColumnarBatch.Parser.WithDiscardUnknownFields(true);

    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    /// <exception cref="InvalidDataException">It is something else.</exception>
    public static DecodedPayload Decode(ReadOnlySpan<byte> payload)
    {
        try
        {
            return Decode(Parser.ParseFrom(Decompress(payload)));
        }
        catch (Exception e) when (e is ZstdException or InvalidProtocolBufferException or DecoderFallbackException or OverflowException)
        {
            throw new InvalidDataException($"This is no columnar batch: {e.Message}", e);
        }
    }

    private static byte[] Decompress(ReadOnlySpan<byte> payload)
    {
        ulong size = Decompressor.GetDecompressedSize(payload);
        if (size > ColumnarFormat.MaxUncompressedBytes) throw new InvalidDataException($"A columnar batch has at most {ColumnarFormat.MaxUncompressedBytes} bytes when it is decompressed.");
        byte[] plain = new byte[size];
        using var decompressor = new Decompressor();
        return decompressor.Unwrap(payload, plain) == plain.Length ? plain : throw Inconsistent();
    }

    private static DecodedPayload Decode(ColumnarBatch message)
    {
        if (message.Version != ColumnarFormat.Version) throw new InvalidDataException($"The columnar batch is of version {message.Version}; this program reads version {ColumnarFormat.Version}.");
        var stamp = DecodedStamp.Of(message.Device, message.Tenant, (long)message.Epoch, message.Boot.Length == 16 ? new Guid(message.Boot.Span, bigEndian: true) : null);
        if (message.TimeUnit is 0 or > MaxTimeUnitNs) throw Inconsistent();

        var signals = ReadSignals(message);
        var shapes = ReadShapes(message, signals.Length);
        int[] counts = new int[signals.Length];
        int samples = 0;
        if (message.Frames.Count != message.FrameTimes.Count) throw Inconsistent();
        foreach (uint frame in message.Frames)
        {
            if (frame >= shapes.Length) throw Inconsistent();
            samples += shapes[frame].Length;
            if (samples > ColumnarFormat.MaxSamples) throw Inconsistent();
            foreach (int signal in shapes[frame]) counts[signal]++;
        }
        if (samples == 0) throw Inconsistent();
        long first = DecodedStamp.CheckSequence((long)message.Sequence, samples);
        var reference = !message.HasTime ? TimeReference.Unknown
            : ToNs(message.Time, message.TimeUnit) >= PublishedTime.FirstAbsoluteNs ? TimeReference.Unix : TimeReference.Publishing;
        return new DecodedPayload(stamp, RecordStream.Telemetry, first, samples, message.ClockSynchronized, reference,
            Assemble(message, signals, shapes, ReadColumns(message, counts), samples));
    }

    private static DecodedSample[] Assemble(ColumnarBatch message, (string Name, string? Unit)[] signals, int[][] shapes, double[][] columns, int count)
    {
        var samples = new DecodedSample[count];
        int[] taken = new int[signals.Length];
        int next = 0;
        long time = message.HasTime ? message.Time : 0;
        for (int i = 0; i < message.Frames.Count; i++)
        {
            time = checked(time + message.FrameTimes[i]);
            long timeNs = ToNs(time, message.TimeUnit);
            foreach (int signal in shapes[message.Frames[i]])
            {
                samples[next] = new DecodedSample((long)message.Sequence + next, timeNs, signals[signal].Name, signals[signal].Unit, columns[signal][taken[signal]++]);
                next++;
            }
        }
        return samples;
    }

    private static (string Name, string? Unit)[] ReadSignals(ColumnarBatch message)
    {
        int count = message.Names.Count;
        if (count > ColumnarFormat.MaxSamples) throw Inconsistent();
        foreach (int other in (ReadOnlySpan<int>)[message.Prefixes.Count, message.SignalUnits.Count, message.SignalScalings.Count, message.Codings.Count, message.ColumnLengths.Count])
        {
            if (other != count) throw Inconsistent();
        }
        var signals = new (string, string?)[count];
        byte[] before = [];
        long total = 0;
        for (int i = 0; i < count; i++)
        {
            uint prefix = message.Prefixes[i], unit = message.SignalUnits[i];
            if (prefix > before.Length || unit > message.Units.Count) throw Inconsistent();
            byte[] name = [.. before.AsSpan(0, (int)prefix), .. Encoding.UTF8.GetBytes(message.Names[i])];
            if ((total += name.Length) > ColumnarFormat.MaxNameBytes) throw Inconsistent();
            signals[i] = (StrictUtf8.GetString(name), unit == 0 ? null : message.Units[(int)unit - 1]);
            before = name;
        }
        return signals;
    }

    private static int[][] ReadShapes(ColumnarBatch message, int signals)
    {
        if (message.ShapeLengths.Count > ColumnarFormat.MaxSamples || message.ShapeSteps.Count > ColumnarFormat.MaxSamples) throw Inconsistent();
        int[][] shapes = new int[message.ShapeLengths.Count][];
        int next = 0;
        long signal = -1;
        for (int i = 0; i < shapes.Length; i++)
        {
            uint length = message.ShapeLengths[i];
            if (length == 0 || length > message.ShapeSteps.Count - next) throw Inconsistent();
            shapes[i] = new int[length];
            for (int k = 0; k < shapes[i].Length; k++)
            {
                signal += 1 + (long)message.ShapeSteps[next++];
                if (signal < 0 || signal >= signals) throw Inconsistent();
                shapes[i][k] = (int)signal;
            }
        }
        return next == message.ShapeSteps.Count ? shapes : throw Inconsistent();
    }

    private static double[][] ReadColumns(ColumnarBatch message, int[] counts)
    {
        if (message.Factors.Count != message.Offsets.Count) throw Inconsistent();
        double[][] columns = new double[counts.Length][];
        int integers = 0, doubles = 0;
        for (int i = 0; i < columns.Length; i++)
        {
            uint length = message.ColumnLengths[i], scaling = message.SignalScalings[i], coding = message.Codings[i];
            if (length > counts[i] || scaling > message.Factors.Count) throw Inconsistent();
            long[] entries = new long[counts[i]];
            if (scaling == 0)
            {
                if (coding > 63 || length > message.Doubles.Count - doubles) throw Inconsistent();
                for (int k = 0; k < length; k++) entries[k] = (long)(message.Doubles[doubles++] << (int)coding);
                ColumnarFormat.RestoreBits(entries);
                columns[i] = Array.ConvertAll(entries, BitConverter.Int64BitsToDouble);
            }
            else
            {
                if (coding > ColumnarFormat.MaxOrder || length > message.Integers.Count - integers) throw Inconsistent();
                for (int k = 0; k < length; k++) entries[k] = message.Integers[integers++];
                for (uint order = 0; order < coding; order++) ColumnarFormat.TakeRunningSum(entries);
                columns[i] = Array.ConvertAll(entries, new SignalScaling(message.Factors[(int)scaling - 1], message.Offsets[(int)scaling - 1]).ToValue);
            }
        }
        return integers == message.Integers.Count && doubles == message.Doubles.Count ? columns : throw Inconsistent();
    }

    private static long ToNs(long units, ulong unitNs) => checked(units * (long)unitNs);

    private static InvalidDataException Inconsistent() => new("The columnar batch is cut short or altered.");
}
