using System.Text;
using EdgeAgent.Can.Candump;

namespace EdgeAgent.Can.Tests.Fuzz;

/// <summary>Logs: read in one piece and bit by bit with the same result; what was read is written so that it is read again.</summary>
internal sealed class CandumpFuzz : FuzzTarget
{
    private readonly byte[] _line = new byte[CandumpFormat.MaxLineLength];
    private readonly StringBuilder _outcome = new();

    public override string Name => "candump";

    public override IReadOnlyList<byte[]> Seeds { get; } =
    [
        .. new[]
        {
            "(1543509533.000838) can0 10FDA300#FFFF07FFFFFFFFFF\n",
            "(1543509533.000838) can0 123#DEADBEEF\r\n\r\n(1543509534.1) vcan1 7FF#\n",
            "(1543509533.000838) can0 123#1122334455667788_B R\n(1543509533.000838) can0 123#R4 T\n(1.5) c 123#R\n(1.5) c 123#R8_9\n",
            "(0000000000.000000) can0 123##1112233\n(9000000000.999999999) can0 1FFFFFFF##30011223344556677889900\n",
            "(1543509533.000838) can0 20000004#000C000000000000\n(1543509533.000838) can0 123#11.22.33\n",
            "  can0  123   [4]  DE AD BE EF\n",
            "\uFEFF(1543509533.000838)   an-interface-16  123#00\nno log\n",
        }.Select(Encoding.UTF8.GetBytes),
    ];

    public override IReadOnlyList<byte[]> Words { get; } =
    [
        .. new[] { "(", ")", "#", "##", "R", "_", ".", " ", " R", " T", "\n", "\r\n", "(1.0) can0 123#", "00112233445566778899AABBCCDDEEFF", "can0", "1FFFFFFF", "\0" }
            .Select(Encoding.UTF8.GetBytes),
    ];

    public override string Run(ReadOnlySpan<byte> input)
    {
        var bytes = input.ToArray();
        using var whole = new MemoryStream(bytes);
        using var dribble = new DribbleStream(bytes);
        var (reader, other) = (new CandumpReader(whole), new CandumpReader(dribble));
        _ = _outcome.Clear();
        while (reader.TryRead(out var record))
        {
            Assert.True(other.TryRead(out var again));
            Assert.Equal((record.TimestampNs, record.Bus, record.Error, reader.LineNumber), (again.TimestampNs, again.Bus, again.Error, other.LineNumber));
            AssertSame(record.Frame, again.Frame);
            if (_outcome.Length < 80) _ = _outcome.Append(record.Error is { } error ? error.Expected : Kind(record.Frame)).Append('\n');
            if (record.Error is { } wrong) Assert.InRange(wrong.Column, 1, CandumpReader.MaxLineLength + 1);
            else CheckWritten(record);
        }

        Assert.False(other.TryRead(out _));
        return _outcome.ToString();
    }

    private void CheckWritten(CandumpRecord record)
    {
        var length = CandumpFormat.Write(_line, record.TimestampNs, record.Bus, record.Frame);
        Assert.True(CandumpFormat.TryParse(_line.AsSpan(0, length), out var entry, out var error), $"{Encoding.Latin1.GetString(_line, 0, length)}: {error}");
        Assert.Equal(record.TimestampNs / 1000, entry.TimestampNs / 1000);
        AssertSame(record.Frame, entry.Frame);
    }

    private static void AssertSame(in CanFrame frame, in CanFrame other)
    {
        Assert.Equal(
            (frame.RawId, frame.Length, frame.IsFd, frame.BitRateSwitch, frame.ErrorState, frame.RawDataLengthCode),
            (other.RawId, other.Length, other.IsFd, other.BitRateSwitch, other.ErrorState, other.RawDataLengthCode));
        Assert.True(frame.Payload.SequenceEqual(other.Payload));
        Assert.InRange(frame.Length, 0, frame.IsFd ? CanFrame.MaxLength : CanFrame.MaxClassicLength);
    }

    private static string Kind(in CanFrame frame) =>
        $"{(frame.IsError ? "error" : frame.IsRemote ? "remote" : frame.IsFd ? "FD" : "classic")} {frame.Length} {frame.Id.IsExtended} {frame.RawDataLengthCode}";

    /// <summary>Gives seven bytes at a time.</summary>
    private sealed class DribbleStream(byte[] bytes) : MemoryStream(bytes)
    {
        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(buffer.Length, 7)]);
    }
}
