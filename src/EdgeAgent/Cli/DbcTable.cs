using System.Globalization;
using System.Text;
using EdgeAgent.Can.Dbc;

namespace EdgeAgent.Cli;

/// <summary>A DBC file for people: first the network, then a heading a message and a row a signal.</summary>
internal static class DbcTable
{
    public static void Write(DbcDatabase database, Stream stream, bool messages)
    {
        using var output = new StreamWriter(stream, new UTF8Encoding(false), 64 * 1024);
        WriteNetwork(database, output);
        if (!messages) return;
        foreach (var message in database.Messages) WriteMessage(message, output);
    }

    private static void WriteNetwork(DbcDatabase database, StreamWriter output)
    {
        if (!string.IsNullOrEmpty(database.Version)) output.WriteLine($"version {database.Version}");
        if (!string.IsNullOrEmpty(database.Comment)) output.WriteLine(OneLine(database.Comment));
        foreach (var node in database.Nodes) output.WriteLine($"node {node.Name}{Comment(node.Comment)}{Attributes(node.Attributes)}");
        foreach (var table in database.ValueTables) output.WriteLine($"table {table.Name}: {Labels(table.Labels)}");
        foreach (var variable in database.EnvironmentVariables)
        {
            string unit = variable.Unit is { } text ? $" {text}" : "";
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"variable {variable.Name}: {Name(variable.Type)} [{variable.Minimum}..{variable.Maximum}]{unit}, at first {variable.Initial}{Comment(variable.Comment)}{Attributes(variable.Attributes)}"));
        }
        foreach (var signal in database.UnassignedSignals) output.WriteLine($"signal of no message {signal.Name}  {Describe(signal)}");
        foreach (var definition in database.AttributeDefinitions)
        {
            string range = definition.Choices.Count > 0 ? $" {string.Join(" | ", definition.Choices)}"
                : definition is { Minimum: { } low, Maximum: { } high } ? string.Create(CultureInfo.InvariantCulture, $" [{low}..{high}]") : "";
            string otherwise = definition.Default is { Text.Length: > 0 } value ? $", else {OneLine(value.Text)}" : "";
            output.WriteLine($"attribute {definition.Name} of a {Name(definition.Owner)}: {Name(definition.Type)}{range}{otherwise}");
        }
        foreach (var attribute in database.Attributes) output.WriteLine($"{attribute.Name}={OneLine(attribute.Value.Text)}");
        foreach (var relation in database.RelationAttributes)
            output.WriteLine($"node {relation.Node} with {string.Join(' ', ((string?[])[relation.MessageId?.ToString(), relation.Name]).OfType<string>())}: {relation.Definition.Name}={OneLine(relation.Value.Text)}");
        output.WriteLine();
    }

    private static void WriteMessage(DbcMessage message, StreamWriter output)
    {
        string cycle = message.CycleTime is { } time ? string.Create(CultureInfo.InvariantCulture, $", every {time.TotalMilliseconds} ms") : "";
        string sendType = message.SendType is { Length: > 0 } type ? $", {type}" : "";
        string senders = message.Senders.Count > 0 ? $", from {string.Join(", ", message.Senders)}" : "";
        output.WriteLine($"{message.Id} {message.Name}: {message.Length} bytes{(message.IsFd ? ", FD" : "")}{(message.IsJ1939 ? ", J1939" : "")}{cycle}{sendType}{senders}");
        if (message.Comment is { Length: > 0 } comment) output.WriteLine($"    {OneLine(comment)}");
        if (message.Attributes.Count > 0) output.WriteLine($"   {Attributes(message.Attributes)}");
        foreach (var group in message.SignalGroups) output.WriteLine($"    group {group.Name}: {string.Join(", ", group.Signals)}");
        int width = message.Signals.Count == 0 ? 0 : message.Signals.Max(signal => signal.Name.Length);
        foreach (var signal in message.Signals)
        {
            output.WriteLine($"  {signal.Name.PadRight(width)}  {Describe(signal)}".TrimEnd());
            if (signal.Comment is { Length: > 0 } about) output.WriteLine($"      {OneLine(about)}");
            if (signal.Attributes.Count > 0) output.WriteLine($"     {Attributes(signal.Attributes)}");
        }
        output.WriteLine();
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
        string labels = signal.Labels.Count == 0 ? "" : $"  {Labels(signal.Labels)}";
        string receivers = signal.Receivers.Count == 0 ? "" : $"  to {string.Join(", ", signal.Receivers)}";
        return $"{signal.StartBit}|{signal.Length} {order} {kind}{scaling}{range}{unit}{selector}{multiplexing}{labels}{receivers}";
    }

    private static string Labels(IReadOnlyList<DbcLabel> labels) => string.Join(", ", labels.Select(label => $"{label.Raw}={OneLine(label.Text)}"));

    private static string Attributes(IReadOnlyList<DbcAttribute> attributes) =>
        string.Concat(attributes.Select(attribute => $" {attribute.Name}={OneLine(attribute.Value.Text)}"));

    private static string Comment(string? comment) => string.IsNullOrEmpty(comment) ? "" : $": {OneLine(comment)}";

    private static string Name<T>(T value) where T : struct, Enum => string.Concat(value.ToString().Select((letter, at) => char.IsUpper(letter) && at > 0 ? $" {char.ToLowerInvariant(letter)}" : $"{char.ToLowerInvariant(letter)}"));

    private static string OneLine(string text) => string.Join(' ', text.Split((char[])['\r', '\n', '\t', ' '], StringSplitOptions.RemoveEmptyEntries));
}
