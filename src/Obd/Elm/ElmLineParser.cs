using EdgeAgent.Can;

namespace EdgeAgent.Obd.Elm;

/// <summary>Reads lines of an adapter whose headers are on (AT H1), with or without spaces. Allocates nothing and refuses nothing: what is no line is <see cref="ElmLineKind.Text"/>.</summary>
public static class ElmLineParser
{
    /// <summary>The most data of a line: a long message of STN's on one line.</summary>
    public const int MaxData = 128;

    private const int Can11Digits = 3, Can29Digits = 8, HeaderBytes = 3, ChecksumBytes = 1;

    /// <summary>Parses one line without its end.</summary>
    /// <param name="line">As it came.</param>
    /// <param name="protocol">The protocol; automatic means that no data can be told apart yet.</param>
    /// <param name="data">Gets the data, at least <see cref="MaxData"/> bytes.</param>
    public static ElmLine Parse(ReadOnlySpan<byte> line, ElmProtocol protocol, Span<byte> data)
    {
        line = line.Trim((byte)' ');
        var kind = Word(line);
        if (kind == ElmLineKind.Progress) return ParseBehindProgress(line, protocol, data);
        if (kind != ElmLineKind.Text || protocol == ElmProtocol.Automatic) return new ElmLine(kind);
        bool isMarked = TakeMark(ref line);
        return ElmProtocols.HeaderOf(protocol) == ElmHeader.ThreeBytes ? ParseBytes(line, isMarked, protocol, data) : ParseCan(line, isMarked, protocol.IsExtended(), data);
    }

    /// <summary>What a line that is no data says.</summary>
    private static ElmLineKind Word(ReadOnlySpan<byte> line)
    {
        if (line.SequenceEqual("OK"u8)) return ElmLineKind.Ok;
        if (line.SequenceEqual("?"u8)) return ElmLineKind.NotUnderstood;
        if (line.SequenceEqual("NO DATA"u8)) return ElmLineKind.NoData;
        if (line.SequenceEqual("STOPPED"u8)) return ElmLineKind.Stopped;
        if (line.SequenceEqual("BUFFER FULL"u8)) return ElmLineKind.BufferFull;
        if (line.SequenceEqual("DATA ERROR"u8)) return ElmLineKind.DataError;
        if (line.SequenceEqual("UNABLE TO CONNECT"u8)) return ElmLineKind.UnableToConnect;
        if (line.SequenceEqual("CAN ERROR"u8)) return ElmLineKind.CanError;
        if (line.SequenceEqual("BUS BUSY"u8) || line.SequenceEqual("BUS ERROR"u8)) return ElmLineKind.BusError;
        if (line.SequenceEqual("FB ERROR"u8)) return ElmLineKind.FeedbackError;
        if (line.StartsWith("BUS INIT"u8)) return line.EndsWith("ERROR"u8) ? ElmLineKind.BusInitError : ElmLineKind.Progress;
        if (line.StartsWith("SEARCHING"u8)) return line.EndsWith("UNABLE TO CONNECT"u8) ? ElmLineKind.UnableToConnect : ElmLineKind.Progress;
        if (line.StartsWith("LV RESET"u8) || line.StartsWith("ELM32"u8) || line.StartsWith("STN"u8)) return ElmLineKind.Restarted;
        if (line.EndsWith("ACT ALERT"u8) || line.EndsWith("LP ALERT"u8)) return ElmLineKind.Alert;
        return line.Length == 5 && line.StartsWith("ERR"u8) ? ElmLineKind.InternalError : ElmLineKind.Text;
    }

    /// <summary>Some adapters go on with the answer on the line that says <c>SEARCHING...</c> or <c>BUS INIT: OK</c>.</summary>
    private static ElmLine ParseBehindProgress(ReadOnlySpan<byte> line, ElmProtocol protocol, Span<byte> data)
    {
        int end = line.LastIndexOf((byte)'.');
        var rest = end < 0 ? [] : line[(end + 1)..].Trim((byte)' ');
        if (rest.IsEmpty || rest.SequenceEqual("OK"u8)) return new ElmLine(ElmLineKind.Progress);
        var parsed = Parse(rest, protocol, data);
        return parsed.Kind == ElmLineKind.Text ? new ElmLine(ElmLineKind.Progress) : parsed;
    }

    private static bool TakeMark(ref ReadOnlySpan<byte> line)
    {
        int mark = line.IndexOf((byte)'<');
        if (mark < 0) return false;
        if (!line[mark..].SequenceEqual("<DATA ERROR"u8) && !line[mark..].SequenceEqual("<RX ERROR"u8)) return false;
        line = line[..mark].TrimEnd((byte)' ');
        return true;
    }

    private static ElmLine ParseCan(ReadOnlySpan<byte> line, bool isMarked, bool isExtended, Span<byte> data)
    {
        int digits = isExtended ? Can29Digits : Can11Digits;
        uint id = 0;
        for (int i = 0; i < digits; i++)
        {
            if (!TryTakeDigit(ref line, out int digit)) return default;
            id = id << 4 | (uint)digit;
        }
        if (id > (isExtended ? CanId.MaxExtended : CanId.MaxStandard)) return default;
        // An 11-bit identifier shows in its odd number of digits, which a line without a header has not.
        if (!TryTakeBytes(line, data, out int length) || length is 0 or > CanFrame.MaxLength) return default;
        return new ElmLine(ElmLineKind.Data, isExtended ? CanId.Extended(id) : CanId.Standard(id), length, isMarked);
    }

    private static ElmLine ParseBytes(ReadOnlySpan<byte> line, bool isMarked, ElmProtocol protocol, Span<byte> data)
    {
        if (!TryTakeBytes(line, data, out int all) || all < HeaderBytes + ChecksumBytes + 1) return default;
        byte checksum = protocol is ElmProtocol.J1850Pwm or ElmProtocol.J1850Vpw ? Crc8(data[..(all - 1)]) : Sum(data[..(all - 1)]);
        bool isDamaged = isMarked || checksum != data[all - 1];
        var source = CanId.Extended(0x18DA_F100u | data[2]);
        data[HeaderBytes..(all - 1)].CopyTo(data);
        return new ElmLine(ElmLineKind.Data, source, all - HeaderBytes - ChecksumBytes, isDamaged);
    }

    private static bool TryTakeBytes(ReadOnlySpan<byte> line, Span<byte> data, out int length)
    {
        length = 0;
        while (!(line = line.TrimStart((byte)' ')).IsEmpty)
        {
            if (length == MaxData || !TryTakeDigit(ref line, out int high) || line.IsEmpty || line[0] == ' ' || !TryTakeDigit(ref line, out int low)) return false;
            data[length++] = (byte)(high << 4 | low);
        }
        return true;
    }

    private static bool TryTakeDigit(ref ReadOnlySpan<byte> line, out int digit)
    {
        line = line.TrimStart((byte)' ');
        digit = line.IsEmpty ? -1 : line[0] switch
        {
            >= (byte)'0' and <= (byte)'9' => line[0] - '0',
            >= (byte)'A' and <= (byte)'F' => line[0] - 'A' + 10,
            _ => -1,
        };
        if (digit < 0) return false;
        line = line[1..];
        return true;
    }

    /// <summary>SAE J1850: x⁸ + x⁴ + x³ + x² + 1, beginning with FF, inverted.</summary>
    internal static byte Crc8(ReadOnlySpan<byte> bytes)
    {
        byte crc = 0xFF;
        foreach (byte value in bytes)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++) crc = (byte)((crc & 0x80) != 0 ? crc << 1 ^ 0x1D : crc << 1);
        }
        return (byte)~crc;
    }

    /// <summary>ISO 9141-2 and ISO 14230-2: the sum of all before it.</summary>
    internal static byte Sum(ReadOnlySpan<byte> bytes)
    {
        byte sum = 0;
        foreach (byte value in bytes) sum += value;
        return sum;
    }
}
