using CsCheck;
using EdgeAgent.Publishing;
using EdgeAgent.Publishing.Columnar;
using Google.Protobuf;
using ZstdSharp;

namespace EdgeAgent.Tests.Publishing;

/// <summary>Whatever arrives, a decoder says that it is no record, or decodes it; and takes bounded memory for that.</summary>
public sealed class HostilePayloadTests
{
    private const long MostBytes = 64L * 1024 * 1024;

    private static readonly Gen<(int Place, int Kind, byte Value)[]> Mutations = Gen.Select(Gen.Int[0, int.MaxValue], Gen.Int[0, 5], Gen.Byte).Array[1, 6];

    [Theory]
    [InlineData("senml+json")]
    [InlineData("senml+cbor")]
    [InlineData("columnar")]
    public void A_mutated_payload_is_refused_in_one_way_or_decoded(string name)
    {
        Assert.True(PayloadEncoding.TryParse(name, out var encoding));
        int refused = 0;
        Gen.Select(TestBatches.Any, Mutations.Array[10]).Sample((sample, all) =>
        {
            byte[] payload = encoding.Encode(sample.Batch, sample.Clock, sample.NowNs);
            foreach (var mutations in all)
            {
                if (!IsDecoded(encoding.ContentType, Mutate(payload, mutations))) Interlocked.Increment(ref refused);
            }
        }, iter: 2500);
        Assert.InRange(refused, 1000, int.MaxValue);
    }

    [Fact]
    public void A_mutated_message_inside_sound_compression_is_refused_in_one_way_or_decoded()
    {
        int refused = 0;
        Gen.Select(TestBatches.Any, Mutations.Array[10]).Sample((sample, all) =>
        {
            using var decompressor = new Decompressor();
            byte[] plain = decompressor.Unwrap(PayloadEncoding.Columnar.Encode(sample.Batch, sample.Clock, sample.NowNs)).ToArray();
            foreach (var mutations in all)
            {
                if (!IsDecoded(ColumnarFormat.ContentType, Compress(Mutate(plain, mutations)))) Interlocked.Increment(ref refused);
            }
        }, iter: 2500);
        Assert.InRange(refused, 1000, int.MaxValue);
    }

    [Fact]
    public void A_mutated_number_of_the_columnar_message_is_refused_or_decoded() =>
        Gen.Select(TestBatches.Any, Gen.Int[0, 11], Gen.Int[0, int.MaxValue], Gen.OneOf(Gen.UInt[0, 3], Gen.UInt)).Sample((sample, field, place, value) =>
        {
            using var decompressor = new Decompressor();
            var message = ColumnarBatch.Parser.ParseFrom(decompressor.Unwrap(PayloadEncoding.Columnar.Encode(sample.Batch, sample.Clock, sample.NowNs)));
            Google.Protobuf.Collections.RepeatedField<uint>[] fields = [message.Prefixes, message.SignalUnits, message.SignalScalings, message.ShapeLengths, message.Frames, message.Codings, message.ColumnLengths];
            if (field < fields.Length) fields[field][place % fields[field].Count] = value;
            else if (field == 7) message.ShapeSteps[place % message.ShapeSteps.Count] = (int)value;
            else if (field == 8) message.FrameTimes[place % message.FrameTimes.Count] = (long)value << 40;
            else if (field == 9) message.TimeUnit = value;
            else if (field == 10) message.Sequence = (ulong)value << 32;
            else message.Frames.Add(value);
            IsDecoded(ColumnarFormat.ContentType, Compress(message.ToByteArray()));
        }, iter: 5000);

    public static TheoryData<string, byte[]> Bombs => new()
    {
        { "a frame that says it is huge", [0x28, 0xB5, 0x2F, 0xFD, 0xE0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x00] },
        { "a frame that does not say how large it is", [0x28, 0xB5, 0x2F, 0xFD, 0x00, 0x58, 0x01, 0x00, 0x00] },
        { "zeros that become more than a message may be", Compress(new byte[ColumnarFormat.MaxUncompressedBytes + 1]) },
        { "as many empty names as fit", Compress([.. Enumerable.Repeat(new byte[] { 10 << 3 | 2, 0 }, ColumnarFormat.MaxUncompressedBytes / 2).SelectMany(bytes => bytes)]) },
        { "as many unknown fields as fit", Compress([.. Enumerable.Repeat(new byte[] { 15 << 3, 1 }, ColumnarFormat.MaxUncompressedBytes / 2).SelectMany(bytes => bytes)]) },
        { "names that grow and grow", Compress(Names().ToByteArray()) },
        { "frames of a large shape", Compress(Frames().ToByteArray()) },
        { "an array of 2^60 records", [0x9B, 0x10, 0, 0, 0, 0, 0, 0, 0, 0xA0] },
        { "a text of 2^60 bytes", [0x81, 0xA1, 0x00, 0x7B, 0x10, 0, 0, 0, 0, 0, 0, 0, 0x41] },
        { "arrays in arrays", [.. Enumerable.Repeat((byte)0x81, PayloadDecoder.MaxPayloadBytes - 3)] },
        { "an unknown field of arrays in arrays", [0x81, 0xA1, 0x05, .. Enumerable.Repeat((byte)0x81, PayloadDecoder.MaxPayloadBytes - 3)] },
        { "lists in lists", [.. Enumerable.Repeat((byte)'[', PayloadDecoder.MaxPayloadBytes)] },
        { "many empty records", [(byte)'[', .. Enumerable.Repeat("{},"u8.ToArray(), 1_000_000).SelectMany(bytes => bytes), (byte)'{', (byte)'}', (byte)']'] },
        { "a long list that nobody asked for", [.. "[{\"x\":["u8, .. Enumerable.Repeat("1,"u8.ToArray(), 2_000_000).SelectMany(bytes => bytes), .. "1]}]"u8] },
        { "an object that is no record", "{}"u8.ToArray() },
        { "an object with members of other kinds", "{\"stream\":\"messages\",\"device\":1}"u8.ToArray() },
        { "more than a payload may be", new byte[PayloadDecoder.MaxPayloadBytes + 1] },
    };

    [Theory]
    [MemberData(nameof(Bombs), DisableDiscoveryEnumeration = true)]
    public void What_would_grow_or_has_no_stamp_is_refused(string what, byte[] payload) =>
        Assert.False(IsDecoded(PayloadDecoder.Recognize(payload) ?? SenMlJson.ContentType, payload), what);

    [Fact]
    public void Bytes_of_any_kind_are_refused() => Gen.Byte.Array[0, 60].Sample(bytes =>
    {
        foreach (string contentType in PayloadDecoder.ContentTypes) IsDecoded(contentType, bytes);
        Assert.Throws<InvalidDataException>(() => PayloadDecoder.Decode("text/plain", bytes));
    });

    private static bool IsDecoded(string contentType, byte[] payload)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            var decoded = PayloadDecoder.Decode(contentType, payload);
            Assert.InRange(decoded.Count, 1, ColumnarFormat.MaxSamples);
            return true;
        }
        catch (InvalidDataException)
        {
            return false;
        }
        finally
        {
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MostBytes);
        }
    }

    private static byte[] Mutate(byte[] payload, (int Place, int Kind, byte Value)[] mutations)
    {
        List<byte> bytes = [.. payload];
        foreach (var (place, kind, value) in mutations)
        {
            int at = bytes.Count == 0 ? 0 : place % bytes.Count;
            switch (kind)
            {
                case 0: bytes.Insert(at, value); break;
                case 1 when bytes.Count > 0: bytes.RemoveAt(at); break;
                case 2 when value < 16: bytes.RemoveRange(at, bytes.Count - at); break;
                case 3 when bytes.Count > 0: bytes[at] ^= (byte)(1 << (value & 7)); break;
                default:
                    if (bytes.Count > 0) bytes[at] = value;
                    break;
            }
        }
        return [.. bytes];
    }

    private static ColumnarBatch Names()
    {
        var message = Sound();
        for (uint i = 0; i < 60_000; i++) Add(message, i == 0 ? 0 : 1000 + i - 1, i == 0 ? new string('a', 1000) : "a");
        return message;

        static void Add(ColumnarBatch message, uint prefix, string name)
        {
            message.Prefixes.Add(prefix);
            message.Names.Add(name);
            message.SignalUnits.Add(0);
            message.SignalScalings.Add(0);
            message.Codings.Add(0);
            message.ColumnLengths.Add(0);
        }
    }

    private static ColumnarBatch Frames()
    {
        var message = Sound();
        message.Names.Add("a");
        message.ShapeLengths.Add(60_000);
        message.ShapeSteps.AddRange(Enumerable.Range(0, 60_000).Select(i => i == 0 ? 0 : -1));
        message.Frames.AddRange(Enumerable.Repeat(0u, 1_000_000));
        message.FrameTimes.AddRange(Enumerable.Repeat(0L, 1_000_000));
        foreach (var field in (Google.Protobuf.Collections.RepeatedField<uint>[])[message.Prefixes, message.SignalUnits, message.SignalScalings, message.Codings, message.ColumnLengths]) field.Add(0);
        return message;
    }

    private static ColumnarBatch Sound() => new()
    {
        Version = 1,
        Device = "dongle-1",
        Tenant = "acme",
        Epoch = 1,
        Boot = ByteString.CopyFrom(new byte[16]),
        Sequence = 1,
        TimeUnit = 1,
    };

    private static byte[] Compress(byte[] plain)
    {
        using var compressor = new Compressor(1);
        return compressor.Wrap(plain).ToArray();
    }
}
