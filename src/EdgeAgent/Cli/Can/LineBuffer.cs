using System.Globalization;
using System.Text;

namespace EdgeAgent.Cli.Can;

/// <summary>Lines in UTF-8 on their way to a stream. Once it has grown to the longest line it allocates nothing.</summary>
internal sealed class LineBuffer(Stream output)
{
    private const int FlushAt = 64 * 1024, Step = 1024;

    private byte[] _bytes = new byte[FlushAt + 4 * Step];

    /// <summary>What waits.</summary>
    public int Length { get; private set; }

    /// <summary>Room for so many bytes, of which <see cref="Advance"/> tells how many were written.</summary>
    public Span<byte> Room(int bytes)
    {
        if (_bytes.Length - Length < bytes) Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, Length + bytes));
        return _bytes.AsSpan(Length);
    }

    public void Advance(int bytes) => Length += bytes;

    public void Put(ReadOnlySpan<byte> text)
    {
        text.CopyTo(Room(text.Length));
        Length += text.Length;
    }

    public void Put(string text) => Length += Encoding.UTF8.GetBytes(text, Room(text.Length * 3));

    public void Put<T>(T number, ReadOnlySpan<char> format = default) where T : IUtf8SpanFormattable
    {
        int written;
        for (int room = 64; !number.TryFormat(Room(room), out written, format, CultureInfo.InvariantCulture); room *= 2)
        {
        }
        Length += written;
    }

    /// <summary>Hexadecimal, with a separator between bytes unless it is zero.</summary>
    public void Hex(ReadOnlySpan<byte> data, byte separator = 0)
    {
        var room = Room(data.Length * 3);
        int at = 0;
        for (int i = 0; i < data.Length; i++)
        {
            if (i > 0 && separator != 0) room[at++] = separator;
            room[at++] = Digit(data[i] >> 4);
            room[at++] = Digit(data[i] & 15);
        }
        Length += at;
    }

    /// <summary>The end of a line; a buffer that is full goes out.</summary>
    public void EndLine()
    {
        Put("\n"u8);
        if (Length >= FlushAt) Flush();
    }

    public void Flush()
    {
        output.Write(_bytes, 0, Length);
        Length = 0;
    }

    private static byte Digit(int value) => (byte)(value < 10 ? '0' + value : 'A' + value - 10);
}
