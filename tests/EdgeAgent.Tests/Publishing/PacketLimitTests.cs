using CsCheck;
using EdgeAgent.Publishing;

namespace EdgeAgent.Tests.Publishing;

public sealed class PacketLimitTests
{
    private const int Most = 20_000;

    [Fact]
    public void It_finds_the_first_packet_that_is_too_big_however_the_bytes_come()
    {
        var packets = Gen.Frequency((9, Gen.Int[0, Most]), (1, Gen.Int[Most + 1, 3_000_000])).Array[1, 12];
        Gen.Select(packets, Gen.Int[1, 5000]).Sample((lengths, piece) =>
        {
            // Of a packet that is too big nothing but the header is ever sent, as that is when it has to be found.
            byte[] stream = [.. lengths.SelectMany(length => Header(length).Concat(new byte[length > Most ? 0 : length]))];
            bool isTooBig = lengths.Any(length => length > Most);
            var limit = new PacketLimit(Most);
            int end = Array.FindIndex(lengths, length => length > Most);
            int expected = end < 0 ? stream.Length : lengths[..end].Sum(length => Header(length).Length + length);
            int passed = 0;
            var e = Record.Exception(() =>
            {
                for (; passed < stream.Length; passed += piece) limit.Pass(stream.AsSpan(passed, Math.Min(piece, stream.Length - passed)));
            });
            Assert.Equal(isTooBig, e is InvalidDataException);
            if (isTooBig) Assert.InRange(expected + 4, passed, passed + piece + 4);
        });
    }

    [Fact]
    public void A_length_that_never_ends_is_no_packet() =>
        Assert.Throws<InvalidDataException>(() => new PacketLimit(int.MaxValue).Pass([0x30, 0x80, 0x80, 0x80, 0x80, 0x01]));

    private static byte[] Header(int length)
    {
        List<byte> header = [0x30];
        do
        {
            header.Add((byte)(length & 0x7F | (length > 0x7F ? 0x80 : 0)));
            length >>= 7;
        }
        while (length > 0);
        return [.. header];
    }
}
