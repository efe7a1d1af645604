using System.Globalization;
using System.Text;
using EdgeAgent.Can.Dbc;

namespace EdgeAgent.Cli;

/// <summary>A DBC file for people: a heading a message, a row a signal, within 80 columns where names allow.</summary>
internal static class DbcTable
{
    public static void Write(DbcDatabase database, Stream stream)
    {
        using var output = new StreamWriter(stream, new UTF8Encoding(false), 64 * 1024);
        foreach (var message in database.Messages)
        {
            string cycle = message.CycleTime is { } time ? string.Create(CultureInfo.InvariantCulture, $", every {time.TotalMilliseconds} ms") : "";
            string senders = message.Senders.Count > 0 ? $", from {string.Join(", ", message.Senders)}" : "";
            output.WriteLine($"{message.Id} {message.Name}: {message.Length} bytes{cycle}{senders}");
            if (message.Comment is { } comment) output.WriteLine($"    {OneLine(comment)}");
            int width = message.Signals.Count == 0 ? 0 : message.Signals.Max(signal => signal.Name.Length);
            foreach (var signal in message.Signals) output.WriteLine($"  {signal.Name.PadRight(width)}  {Describe(signal)}".TrimEnd());
            output.WriteLine();
        }
    }

    private static string Describe(DbcSignal signal)
    {
        string order = signal.ByteOrder == ByteOrder.LittleEndian ? "little" : "big";
        string kind = signal.IsFloat ? "float" : signal.IsSigned ? "signed" : "unsigned";
        string scaling = signal is { Scale: 1, Offset: 0 } ? "" : string.Create(CultureInfo.InvariantCulture, $" ({signal.Scale},{signal.Offset})");
        string range = signal.Minimum is { } low && signal.Maximum is { } high ? string.Create(CultureInfo.InvariantCulture, $" [{low}..{high}]") : "";
        string unit = signal.Unit is { } text ? $" {text}" : "";
        string multiplexing = signal.Multiplexing is { } by
            ? $" if {by.Multiplexer} is {string.Join(", ", by.Ranges.Select(range => range.First == range.Last ? $"{range.First}" : $"{range.First}-{range.Last}"))}"
            : "";
        string selector = signal.IsMultiplexer ? " multiplexer" : "";
        string labels = signal.Labels.Count == 0 ? "" : $"  {string.Join(", ", signal.Labels.Take(4).Select(label => $"{label.Raw}={label.Text}"))}{(signal.Labels.Count > 4 ? ", …" : "")}";
        return $"{signal.StartBit}|{signal.Length} {order} {kind}{scaling}{range}{unit}{selector}{multiplexing}{labels}";
    }

    private static string OneLine(string text) => string.Join(' ', text.Split((char[])['\r', '\n', '\t', ' '], StringSplitOptions.RemoveEmptyEntries));
}
