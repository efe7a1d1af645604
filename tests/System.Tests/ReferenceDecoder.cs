using System.Globalization;
using System.Text.RegularExpressions;

namespace EdgeAgent.SystemTests;

/// <summary>
/// Decodes a log bit by bit from a reading of the DBC file of its own: slow, plain, and without a line of the product's code, so that the
/// system tests do not check the agent against itself. It computes in decimals, as the DBC file is written and as the agent's JSON says it. No multiplexing.
/// </summary>
internal sealed partial class ReferenceDecoder
{
    private readonly Dictionary<uint, (string Name, List<Signal> Signals)> _messages = [];

    private sealed record Signal(string Name, int Start, int Length, bool LittleEndian, bool Signed, decimal Scale, decimal Offset);

    public ReferenceDecoder(string dbcPath)
    {
        List<Signal>? current = null;
        foreach (string line in File.ReadLines(dbcPath))
        {
            if (MessageLine().Match(line) is { Success: true } message)
            {
                current = [];
                _messages[uint.Parse(message.Groups["id"].Value, CultureInfo.InvariantCulture)] = (message.Groups["name"].Value, current);
            }
            else if (SignalLine().Match(line) is { Success: true } signal)
            {
                current!.Add(new Signal(signal.Groups["name"].Value, Int(signal, "start"), Int(signal, "length"), signal.Groups["order"].Value == "1",
                    signal.Groups["sign"].Value == "-", Number(signal, "scale"), Number(signal, "offset")));
            }
        }
    }

    /// <summary>All samples of a log in order.</summary>
    public List<(string Name, double Value)> Decode(string logPath)
    {
        List<(string, double)> samples = [];
        foreach (string line in File.ReadLines(logPath))
        {
            var frame = LogLine().Match(line);
            uint id = uint.Parse(frame.Groups["id"].Value, NumberStyles.HexNumber, CultureInfo.InvariantCulture) | (frame.Groups["id"].Length == 8 ? 0x8000_0000 : 0);
            if (!_messages.TryGetValue(id, out var message)) continue;
            byte[] data = Convert.FromHexString(frame.Groups["data"].Value);
            foreach (var signal in message.Signals) samples.Add(($"can0/{message.Name}/{signal.Name}", Value(signal, data)));
        }
        return samples;
    }

    private static double Value(Signal signal, byte[] data)
    {
        long raw = 0;
        int bit = signal.Start;
        for (int i = 0; i < signal.Length; i++)
        {
            long value = (data[bit / 8] >> (bit % 8)) & 1;
            if (signal.LittleEndian)
            {
                raw |= value << i;
                bit++;
            }
            else
            {
                raw = raw << 1 | value;
                bit = bit % 8 == 0 ? bit + 15 : bit - 1; // down to bit 0, then on to bit 7 of the next byte
            }
        }
        if (signal.Signed && (raw >> (signal.Length - 1) & 1) != 0) raw -= 1L << signal.Length;
        return (double)(raw * signal.Scale + signal.Offset);
    }

    private static int Int(Match match, string group) => int.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);

    private static decimal Number(Match match, string group) => decimal.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^BO_ (?<id>\d+) (?<name>\w+) *:")]
    private static partial Regex MessageLine();

    [GeneratedRegex(@"^ SG_ (?<name>\w+) : (?<start>\d+)\|(?<length>\d+)@(?<order>[01])(?<sign>[+-]) \((?<scale>[^,]+),(?<offset>[^)]+)\)")]
    private static partial Regex SignalLine();

    [GeneratedRegex(@"^\(\d+\.\d+\) can0 (?<id>[0-9A-F]+)#(?<data>[0-9A-F]*)$")]
    private static partial Regex LogLine();
}
