using System.Globalization;
using System.Text;
using EdgeAgent.Can;
using EdgeAgent.Can.Dbc;

namespace EdgeAgent.Benchmarks;

/// <summary>
/// A bus made from a seed: 500 signals on 100 identifiers of both formats, of both byte orders, signed and unsigned, at any bit; every tenth message has a
/// multiplexer with four groups. On an FD bus the messages have 64 bytes and one signal in twenty is a float.
/// </summary>
internal sealed class SeededBus
{
    public const int Identifiers = 100, Signals = 500;

    /// <summary>As many values as this select a group, one more selects none.</summary>
    private const int Groups = 4, SignalsPerGroup = 3;

    /// <summary>Of the messages without a multiplexer, by the last digit of their number.</summary>
    private static readonly int[] SignalCounts = [2, 3, 4, 5, 6, 4, 4, 4, 4];

    private static readonly string[] Scales = ["1,0", "1,0", "0.25,0", "0.1,-40", "0.00390625,-125", "2,10"];

    private readonly Random _random = new(1);
    private readonly bool _fd;
    private readonly StringBuilder _text = new("VERSION \"\"\nBU_: ECU\n");
    private readonly List<string> _floats = [];

    public SeededBus(bool fd)
    {
        _fd = fd;
        for (int message = 0; message < Identifiers; message++) AddMessage(message);
        foreach (string signal in _floats) _text.Append(CultureInfo.InvariantCulture, $"SIG_VALTYPE_ {signal} : 1;\n");
        Database = DbcFile.Parse(_text.ToString(), "benchmark.dbc");
        int signals = Database.Messages.Sum(message => message.Signals.Count);
        if (signals != Signals || Database.Warnings.Count > 0) throw new InvalidOperationException($"{signals} signals; {string.Join("; ", Database.Warnings.Take(3))}");
    }

    public DbcDatabase Database { get; }

    private int Bytes => _fd ? CanFrame.MaxLength : CanFrame.MaxClassicLength;

    /// <summary>Frames in any order, each identifier as often, with any payload.</summary>
    public CanFrame[] Frames(int count)
    {
        var random = new Random(2);
        int[] order = [.. Enumerable.Range(0, count).Select(i => i % Identifiers)];
        random.Shuffle(order);
        byte[] payload = new byte[Bytes];
        return
        [
            .. order.Select(message =>
            {
                random.NextBytes(payload);
                if (IsMultiplexed(message)) payload[0] = (byte)random.Next(Groups + 1);
                return CanFrame.Data(Id(message), payload, _fd);
            }),
        ];
    }

    /// <summary>The same as they are on a socket, one behind the other.</summary>
    public byte[] Messages(int count)
    {
        int size = _fd ? CanFrame.SizeOf : CanFrame.ClassicSizeOf;
        byte[] all = new byte[count * size];
        foreach (var (i, frame) in Frames(count).Index()) frame.Wire.CopyTo(all.AsSpan(i * size));
        return all;
    }

    private static bool IsMultiplexed(int message) => message % 10 == 9;

    private static CanId Id(int message) => message % 2 == 0 ? CanId.Standard(0x100 + 7 * (uint)message) : CanId.Extended(0x18FE0000 + ((uint)message << 8));

    private void AddMessage(int message)
    {
        _text.Append(CultureInfo.InvariantCulture, $"BO_ {Id(message).Raw} M{message}: {Bytes} ECU\n");
        if (!IsMultiplexed(message))
        {
            AddRun(message, "S", "", SignalCounts[message % 10], 0);
            return;
        }
        _text.Append(" SG_ Selector M : 0|8@1+ (1,0) [0|0] \"\" ECU\n");
        int behind = AddRun(message, "Always", "", 1, 8);
        for (int group = 0; group < Groups; group++) AddRun(message, $"G{group}", $"m{group} ", SignalsPerGroup, behind);
    }

    /// <summary>Lays signals one behind the other, as many as are asked for, from this bit on.</summary>
    /// <returns>The first bit of the first byte behind them.</returns>
    private int AddRun(int message, string name, string multiplexing, int count, int bit)
    {
        bool isBig = false;
        for (int i = 0; i < count; i++)
        {
            bool wasBig = isBig;
            isBig = _random.Next(2) == 0;
            if (isBig != wasBig) bit = (bit + 7) / 8 * 8;
            // Each signal behind this one may need a byte to itself.
            int room = (8 * Bytes - bit) / 8 - (count - 1 - i);
            bool isFloat = _fd && _random.Next(20) == 0;
            int length = isFloat ? 32 : 1 + _random.Next(Math.Min(_fd ? 32 : 16, 8 * room));
            if (_fd) bit += _random.Next(Math.Min(64, 8 * room - length + 1));
            int start = isBig ? bit / 8 * 8 + 7 - bit % 8 : bit;
            string sign = isFloat || _random.Next(2) == 0 ? "-" : "+";
            _text.Append(CultureInfo.InvariantCulture,
                $" SG_ {name}{i} {multiplexing}: {start}|{length}@{(isBig ? 0 : 1)}{sign} ({Scales[_random.Next(Scales.Length)]}) [0|0] \"\" ECU\n");
            if (isFloat) _floats.Add($"{Id(message).Raw} {name}{i}");
            bit += length;
        }
        return (bit + 7) / 8 * 8;
    }
}
