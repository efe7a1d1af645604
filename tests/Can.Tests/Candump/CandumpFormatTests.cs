using System.Text;
using CsCheck;
using EdgeAgent.Can.Candump;

namespace EdgeAgent.Can.Tests.Candump;

public sealed class CandumpFormatTests
{
    [Theory]
    [InlineData("(1543509533.000838) can0 10FDA300#FFFF07FFFFFFFFFF", 0x90FDA300u, "FFFF07FFFFFFFFFF", false)]
    [InlineData("(1543509533.000838) vcan0 123#DEADBEEF", 0x123u, "DEADBEEF", false)]
    [InlineData("(1543509533.000838) can0 123#", 0x123u, "", false)]
    [InlineData("(1543509533.000838) can0 123#DE.AD.be.ef", 0x123u, "DEADBEEF", false)]
    [InlineData("(1543509533.000838)  can0  123#11 R", 0x123u, "11", false)]
    [InlineData("(1543509533.000838) can0 123#11 T", 0x123u, "11", false)]
    [InlineData("(1543509533.000838) can0 123##1112233445566778899AABBCC", 0x123u, "112233445566778899AABBCC", true)]
    [InlineData("(1543509533.000838) can0 20000004#000C000000000000", 0x20000004u, "000C000000000000", false)]
    public void Lines_of_candump_are_read(string line, uint rawId, string payload, bool fd)
    {
        Assert.True(CandumpFormat.TryParse(Encoding.ASCII.GetBytes(line), out var entry, out var error), error?.Expected);
        Assert.Equal(1543509533000838000, entry.TimestampNs);
        Assert.Equal(rawId, entry.Frame.RawId);
        Assert.Equal(payload, Convert.ToHexString(entry.Frame.Payload));
        Assert.Equal(fd, entry.Frame.IsFd);
    }

    [Fact]
    public void Remote_frames_carry_the_length_they_ask_for()
    {
        Assert.True(CandumpFormat.TryParse("(1.5) can0 123#R4"u8, out var entry, out _));
        Assert.True(entry.Frame.IsRemote);
        Assert.Equal(4, entry.Frame.Length);
        Assert.True(entry.Frame.Payload.IsEmpty);
        Assert.Equal(1_500_000_000, entry.TimestampNs);
    }

    [Theory]
    [InlineData("", 1, "'('")]
    [InlineData("1543509533.0 can0 123#00", 1, "'('")]
    [InlineData("  can0  123   [4]  DE AD BE EF", 1, "candump -L")]
    [InlineData("(x.1) can0 123#00", 2, "decimals")]
    [InlineData("(1.) can0 123#00", 2, "decimals")]
    [InlineData("(99999999999.0) can0 123#00", 2, "decimals")]
    [InlineData("(-1.0) can0 123#00", 2, "decimals")]
    [InlineData("(1.0)can0 123#00", 6, "a space")]
    [InlineData("(1.0) abcdefghijklmnop 123#00", 7, "interface")]
    [InlineData("(1.0) can0 12#00", 14, "3 or 8")]
    [InlineData("(1.0) can0 800#00", 12, "7FF")]
    [InlineData("(1.0) can0 40000000#00", 12, "1FFFFFFF")]
    [InlineData("(1.0) can0 123", 15, "'#'")]
    [InlineData("(1.0) can0 123#0", 16, "two hexadecimal digits")]
    [InlineData("(1.0) can0 123#0G", 16, "two hexadecimal digits")]
    [InlineData("(1.0) can0 123#112233445566778899", 32, "at most 8 bytes")]
    [InlineData("(1.0) can0 123##", 17, "flags")]
    [InlineData("(1.0) can0 123#11_9", 18, "raw data length code")]
    [InlineData("(1.0) can0 123#11 X", 18, "end of the line")]
    [InlineData("(1.0) can0 20000004##1000C000000000000", 21, "neither a remote nor a CAN FD frame")]
    [InlineData("(1.0) can0 20000004#R", 21, "neither a remote nor a CAN FD frame")]
    public void A_line_that_is_no_frame_is_refused_with_column_and_expectation(string line, int column, string expected)
    {
        Assert.False(CandumpFormat.TryParse(Encoding.ASCII.GetBytes(line), out _, out var error));
        Assert.Equal(column, error!.Column);
        Assert.Contains(expected, error.Expected, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_written_reads_back_the_same()
    {
        var standard = Gen.UInt[0, CanId.MaxStandard].Select(CanId.Standard);
        var id = Gen.OneOf(standard, Gen.UInt[0, CanId.MaxExtended].Select(CanId.Extended));
        var classic = Gen.Select(id, Gen.Byte.Array[0, 8], (i, d) => CanFrame.Data(i, d));
        var fd = Gen.Select(id, Gen.Byte.Array[0, 64], Gen.Bool, Gen.Bool, (i, d, brs, esi) => CanFrame.Data(i, d, fd: true, brs, esi));
        var remote = Gen.Select(id, Gen.Int[0, 8], CanFrame.Remote);
        var error = Gen.Select(Gen.UInt[1, 0x1FF], Gen.Byte.Array[8], (c, d) => CanFrame.Error(c, d));
        Gen.Select(Gen.Long[0, 4_000_000_000_000_000], Gen.OneOf(classic, fd, remote, error)).Sample((microseconds, frame) =>
        {
            Span<byte> line = stackalloc byte[CandumpFormat.MaxLineLength];
            int length = CandumpFormat.Write(line, microseconds * 1000, "can0", frame);
            Assert.True(CandumpFormat.TryParse(line[..length], out var entry, out _));
            Assert.Equal(microseconds * 1000, entry.TimestampNs);
            Assert.Equal(frame.Wire.ToArray(), entry.Frame.Wire.ToArray());
        });
    }

    [Fact]
    public void No_bytes_crash_the_parser() =>
        Gen.OneOf(Gen.Byte.Array[0, 200], Gen.Select(Gen.Int[0, 60], Gen.Byte, Mutate)).Sample(line => CandumpFormat.TryParse(line, out _, out var error) == (error is null));

    private static byte[] Mutate(int at, byte value)
    {
        byte[] line = "(1543509533.000838) can0 123##1112233445566778899AABBCC_9 R "u8.ToArray();
        line[at % line.Length] = value;
        return line;
    }
}
