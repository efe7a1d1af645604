using System.Buffers.Text;
using System.Globalization;

namespace EdgeAgent.Can.Candump;

/// <summary>
/// The log format of can-utils (<c>candump -l</c> and <c>candump -L</c>), one frame a line:
/// <code>
/// (1543509533.000838) can0 10FDA300#FFFF07FFFFFFFFFF      data, 29-bit identifier of eight digits
/// (1543509533.000838) can0 123#DEADBEEF                   data, 11-bit identifier of three digits
/// (1543509533.000838) can0 123#1122334455667788_B         eight bytes with raw data length code 11
/// (1543509533.000838) can0 123#R4                         remote frame asking for four bytes
/// (1543509533.000838) can0 123##1112233                   CAN FD: a digit of flags (1 BRS, 2 ESI), then data
/// (1543509533.000838) can0 20000004#000C000000000000      error frame: class bits as identifier
/// </code>
/// A trailing <c> R</c> or <c> T</c> (direction, <c>candump -x</c>) is accepted. Works on bytes and allocates nothing.
/// </summary>
public static class CandumpFormat
{
    /// <summary>The longest line that <see cref="Write"/> makes: time, a 15-character interface, 29-bit id, 64 bytes.</summary>
    public const int MaxLineLength = 192;

    /// <summary>Reads one line, without its end.</summary>
    /// <param name="line">The line, ASCII.</param>
    /// <param name="entry">What it says.</param>
    /// <param name="error">What was wrong, or null.</param>
    public static bool TryParse(ReadOnlySpan<byte> line, out CandumpEntry entry, out CandumpError? error)
    {
        entry = default;
        error = null;
        line = line.Trim((byte)' ');
        int at = 0;

        if (line.Length == 0 || line[0] != '(')
        {
            // "  can0  123   [4]  DE AD BE EF" is what candump shows on a screen.
            bool isScreen = line.IndexOf((byte)'[') is > 0 and var bracket && line[bracket..].Contains((byte)']');
            return Fail(0, isScreen ? "a log of candump -l or candump -L; this is its screen output" : "'(' and the time in seconds", out error);
        }
        int close = line.IndexOf((byte)')');
        if (close < 0 || !TryParseTime(line[1..close], out long timestampNs)) return Fail(1, "seconds, '.', 1 to 9 decimals and ')'", out error);
        at = close + 1;

        if (!SkipSpaces(line, ref at)) return Fail(at, "a space behind the time", out error);
        int busStart = at;
        int busLength = line[at..].IndexOf((byte)' ');
        if (busLength is < 1 or > 15) return Fail(at, "an interface name of 1 to 15 characters", out error);
        at += busLength;
        SkipSpaces(line, ref at);

        if (!TryParseFrame(line, ref at, out var frame, out error)) return false;

        // what candump -x adds
        if (at < line.Length)
        {
            var rest = line[at..].Trim((byte)' ');
            if (line[at] != ' ' || !(rest.SequenceEqual("R"u8) || rest.SequenceEqual("T"u8))) return Fail(at, "the end of the line", out error);
        }
        entry = new CandumpEntry(timestampNs, busStart..(busStart + busLength), frame);
        return true;
    }

    /// <summary>Writes one line without its end, as <c>candump -l</c> does (microseconds).</summary>
    /// <returns>The number of bytes written; at most <see cref="MaxLineLength"/>.</returns>
    /// <exception cref="ArgumentException">The destination is shorter than the line.</exception>
    public static int Write(Span<byte> destination, long timestampNs, string bus, in CanFrame frame)
    {
        var writer = new AsciiWriter(destination);
        writer.Put('(');
        writer.Number(timestampNs / 1_000_000_000, 1);
        writer.Put('.');
        writer.Number(timestampNs % 1_000_000_000 / 1_000, 6);
        writer.Put(") ");
        writer.Put(bus);
        writer.Put(' ');
        if (frame.IsError) writer.Hex(frame.ErrorClass | CanId.ErrorFlag, 8);
        else writer.Hex(frame.Id.Value, frame.Id.IsExtended ? 8 : 3);
        writer.Put('#');
        if (frame.IsRemote)
        {
            writer.Put('R');
            if (frame.Length > 0) writer.Number(frame.Length, 1);
            PutRawLength(ref writer, frame);
        }
        else
        {
            if (frame.IsFd)
            {
                writer.Put('#');
                writer.Hex((frame.BitRateSwitch ? 1u : 0) | (frame.ErrorState ? 2u : 0), 1);
            }
            foreach (byte value in frame.Payload) writer.Hex(value, 2);
            PutRawLength(ref writer, frame);
        }
        return writer.Length;
    }

    private static void PutRawLength(ref AsciiWriter writer, in CanFrame frame)
    {
        if (frame.RawDataLengthCode is <= 8 or > 15) return;
        writer.Put('_');
        writer.Hex(frame.RawDataLengthCode, 1);
    }

    private static bool TryParseFrame(ReadOnlySpan<byte> line, ref int at, out CanFrame frame, out CandumpError? error)
    {
        frame = default;
        int digits = 0;
        uint id = 0;
        while (at < line.Length && digits <= 8 && HexValue(line[at]) is >= 0 and var value)
        {
            id = (id << 4) | (uint)value;
            digits++;
            at++;
        }
        if (digits is not (3 or 8)) return Fail(at, "an identifier of 3 or 8 hexadecimal digits", out error);
        bool isError = digits == 8 && (id & CanId.ErrorFlag) != 0;
        if (digits == 3 ? id > CanId.MaxStandard : !isError && id > CanId.MaxExtended)
            return Fail(at - digits, digits == 3 ? "an identifier of at most 7FF" : "an identifier of at most 1FFFFFFF", out error);
        var canId = digits == 3 ? CanId.Standard(id) : CanId.Extended(id & CanId.MaxExtended);

        if (at >= line.Length || line[at] != '#') return Fail(at, "'#' behind the identifier", out error);
        at++;
        if (isError && at < line.Length && line[at] is (byte)'R' or (byte)'r' or (byte)'#')
            return Fail(at, "bytes: an error frame is neither a remote nor a CAN FD frame", out error);
        if (at < line.Length && line[at] is (byte)'R' or (byte)'r')
        {
            at++;
            int length = 0;
            if (at < line.Length && line[at] is >= (byte)'0' and <= (byte)'8') length = line[at++] - '0';
            frame = CanFrame.Remote(canId, length);
            return TryParseRawLength(line, ref at, length == CanFrame.MaxClassicLength, ref frame, out error);
        }

        bool fd = at < line.Length && line[at] == '#';
        int flags = 0;
        if (fd)
        {
            at++;
            flags = at < line.Length ? HexValue(line[at]) : -1;
            if (flags < 0) return Fail(at, "a hexadecimal digit of CAN FD flags", out error);
            at++;
        }

        Span<byte> payload = stackalloc byte[CanFrame.MaxLength];
        int most = fd ? CanFrame.MaxLength : CanFrame.MaxClassicLength, count = 0;
        while (at < line.Length && line[at] is not ((byte)' ' or (byte)'_'))
        {
            if (line[at] == '.')
            {
                at++;
                continue;
            }
            int high = HexValue(line[at]), low = at + 1 < line.Length ? HexValue(line[at + 1]) : -1;
            if (high < 0 || low < 0) return Fail(at, "two hexadecimal digits a byte", out error);
            if (count == most) return Fail(at, fd ? "at most 64 bytes" : "at most 8 bytes", out error);
            payload[count++] = (byte)(high << 4 | low);
            at += 2;
        }

        frame = isError ? CanFrame.Error(id, payload[..count]) : CanFrame.Data(canId, payload[..count], fd, (flags & 1) != 0, (flags & 2) != 0);
        return TryParseRawLength(line, ref at, !fd && count == CanFrame.MaxClassicLength, ref frame, out error);
    }

    private static bool TryParseRawLength(ReadOnlySpan<byte> line, ref int at, bool isPossible, ref CanFrame frame, out CandumpError? error)
    {
        error = null;
        if (at >= line.Length || line[at] != '_') return true;
        int code = at + 1 < line.Length ? HexValue(line[at + 1]) : -1;
        if (!isPossible || code is < 9 or > 15) return Fail(at, "a raw data length code 9 to F behind eight bytes", out error);
        frame.SetRawDataLengthCode((byte)code);
        at += 2;
        return true;
    }

    private static bool TryParseTime(ReadOnlySpan<byte> text, out long timestampNs)
    {
        timestampNs = 0;
        int point = text.IndexOf((byte)'.');
        if (point < 1 || text.Length - point - 1 is < 1 or > 9) return false;
        // 9,000,000,000 s is the year 2255: everything fits into 63 bits of nanoseconds
        if (!TryParseDigits(text[..point], out long seconds) || seconds > 9_000_000_000) return false;
        if (!TryParseDigits(text[(point + 1)..], out long fraction)) return false;
        for (int i = text.Length - point - 1; i < 9; i++) fraction *= 10;
        timestampNs = seconds * 1_000_000_000 + fraction;
        return true;
    }

    private static bool TryParseDigits(ReadOnlySpan<byte> text, out long value) =>
        Utf8Parser.TryParse(text, out value, out int used, 'D') && used == text.Length && text[0] is not ((byte)'-' or (byte)'+');

    private static int HexValue(byte digit) => digit switch
    {
        >= (byte)'0' and <= (byte)'9' => digit - '0',
        >= (byte)'A' and <= (byte)'F' => digit - 'A' + 10,
        >= (byte)'a' and <= (byte)'f' => digit - 'a' + 10,
        _ => -1,
    };

    private static bool SkipSpaces(ReadOnlySpan<byte> line, ref int at)
    {
        int start = at;
        while (at < line.Length && line[at] == ' ') at++;
        return at > start;
    }

    private static bool Fail(int column, string expected, out CandumpError? error)
    {
        error = new CandumpError(column + 1, expected);
        return false;
    }

    private ref struct AsciiWriter(Span<byte> destination)
    {
        private readonly Span<byte> _destination = destination;

        public int Length { get; private set; }

        public void Put(char character) => _destination[Length++] = (byte)character;

        public void Put(string text)
        {
            foreach (char character in text) Put(character);
        }

        public void Hex(uint value, int digits)
        {
            for (int shift = (digits - 1) * 4; shift >= 0; shift -= 4) Put("0123456789ABCDEF"[(int)(value >> shift) & 15]);
        }

        public void Number(long value, int digits)
        {
            Span<char> text = stackalloc char[20];
            _ = value.TryFormat(text, out int length, default, CultureInfo.InvariantCulture);
            for (int i = length; i < digits; i++) Put('0');
            foreach (char digit in text[..length]) Put(digit);
        }
    }
}

/// <summary>One line of a log.</summary>
/// <param name="TimestampNs">When the frame was recorded, in nanoseconds since 1970-01-01 UTC.</param>
/// <param name="Bus">Where in the line the interface's name stands.</param>
/// <param name="Frame">The frame.</param>
public readonly record struct CandumpEntry(long TimestampNs, Range Bus, CanFrame Frame);

/// <summary>Why a line was refused.</summary>
/// <param name="Column">From 1.</param>
/// <param name="Expected">What should have stood there.</param>
public sealed record CandumpError(int Column, string Expected);
