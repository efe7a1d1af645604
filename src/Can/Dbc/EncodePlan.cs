using System.Globalization;

namespace EdgeAgent.Can.Dbc;

/// <summary>A message compiled for encoding: values in, payload out. Immutable, so safe from any thread.</summary>
/// <remarks>
/// What must be there follows from the values: every signal that is always present, and those that the multiplexers' values select; no others.
/// Bits that belong to no signal are 0.
/// </remarks>
public sealed partial class EncodePlan
{
    private const int NoSlot = -1;

    private readonly Field[] _fields;
    private readonly Dictionary<string, int> _slots = [];

    private EncodePlan(DbcMessage message)
    {
        Message = message;
        for (var slot = 0; slot < Signals.Count; slot++) _ = _slots.TryAdd(Signals[slot].Name, slot);
        var byName = _slots.ToDictionary(pair => pair.Key, pair => Signals[pair.Value]);
        _fields = [.. Signals.Select(signal => CreateField(signal, byName))];
    }

    /// <summary>The message.</summary>
    public DbcMessage Message { get; }

    /// <summary>The signals by slot number.</summary>
    public IReadOnlyList<DbcSignal> Signals => Message.Signals;

    /// <summary>Compiles a message.</summary>
    public static EncodePlan Compile(DbcMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return new EncodePlan(message);
    }

    /// <summary>The slot number of a signal.</summary>
    /// <exception cref="ArgumentException">The message has no such signal.</exception>
    public int SlotOf(string signal) => _slots.TryGetValue(signal, out var slot) ? slot
        : throw new ArgumentException($"message {Message.Name} has no signal {signal}; it has {string.Join(", ", _slots.Keys)}", nameof(signal));

    /// <summary>The value of a signal by its label; of several values with the same label the last.</summary>
    /// <exception cref="ArgumentException">The message has no such signal, or the signal no such label.</exception>
    public SignalInput Label(string signal, string label)
    {
        var slot = SlotOf(signal);
        var labels = Signals[slot].Labels;
        for (var index = labels.Count - 1; index >= 0; index--)
        {
            if (labels[index].Text == label) return SignalInput.Raw(slot, labels[index].Raw);
        }

        var known = labels.Count == 0 ? "it has none" : $"it has {string.Join(", ", labels.Select(each => $"\"{each.Text}\""))}";
        throw new ArgumentException($"signal {signal} of message {Message.Name} has no label \"{label}\"; {known}", nameof(label));
    }

    /// <summary>What is wrong, where, and what is allowed.</summary>
    public string Describe(EncodeError error)
    {
        if (error.Fault == EncodeFault.UnknownSlot) return $"message {Message.Name} has {Signals.Count} signals, so there is none with number {error.Slot}";
        var signal = Signals[error.Slot];
        var where = $"signal {signal.Name} of message {Message.Name}";
        var value = string.Create(CultureInfo.InvariantCulture, $"{error.Value}{(signal.Unit is { } unit ? $" {unit}" : "")}");
        return error.Fault switch
        {
            EncodeFault.BelowMinimum or EncodeFault.AboveMaximum => string.Create(CultureInfo.InvariantCulture,
                $"{where}: {value} is outside of what the file allows, {signal.Minimum} to {signal.Maximum}"),
            EncodeFault.OutOfBits => $"{where}: {value} does not fit into its {signal.Length} bits; {Allowed(signal)}",
            EncodeFault.NotFinite => $"{where}: {value} is no number that it can be; {Allowed(signal)}",
            EncodeFault.Missing => $"{where} is missing",
            EncodeFault.Twice => $"{where} is given twice",
            EncodeFault.NotSelected => $"{where} is given, but {signal.Multiplexing?.Multiplexer} does not select it; it needs {Ranges(signal.Multiplexing)}",
            EncodeFault.UnknownSelector => $"{where}: {value} selects nothing; what selects something is {Selectors(error.Slot)}",
            EncodeFault.NotEncodable => $"{where} cannot be encoded: {Hindrance(signal)}",
            _ => "nothing is wrong",
        };
    }

    private static string Allowed(DbcSignal signal)
    {
        if (signal.IsFloat) return $"it is a float of {signal.Length} bits";
        var (least, most) = signal.RawRange;
        var (one, other) = (((double)least * signal.Scale) + signal.Offset, ((double)most * signal.Scale) + signal.Offset);
        return string.Create(CultureInfo.InvariantCulture, $"it goes from {Math.Min(one, other)} to {Math.Max(one, other)}");
    }

    private static string Ranges(DbcMultiplexing? multiplexing) =>
        string.Join(", ", (multiplexing?.Ranges ?? []).Select(range => range.First == range.Last ? $"{range.First}" : $"{range.First}-{range.Last}"));

    private string Selectors(int slot) =>
        string.Join(", ", _fields.Where(field => field.Multiplexer == slot).Select(field => Ranges(field.Selection)).Distinct());

    private string Hindrance(DbcSignal signal)
    {
        if (signal.Length > DbcLimits.DecodedSignalBits) return $"it has {signal.Length} bits, and {DbcLimits.DecodedSignalBits} are the most";
        return signal.Scale == 0 ? "its scale is 0" : $"it ends in byte {BitField.BytesNeeded(signal)}, and the message has {Message.Length}";
    }

    private Field CreateField(DbcSignal signal, Dictionary<string, DbcSignal> byName)
    {
        var selection = signal.Multiplexing;
        var isReachable = DbcMultiplexing.CanBePresent(signal, byName);
        var multiplexer = selection is null ? NoSlot : _slots.GetValueOrDefault(selection.Multiplexer, NoSlot);
        var isEncodable = signal.Length <= DbcLimits.DecodedSignalBits && signal.Scale != 0 && BitField.BytesNeeded(signal) <= Message.Length;
        var selects = signal.IsMultiplexer && Signals.Any(other => other.Multiplexing?.Multiplexer == signal.Name);
        return new Field(signal, multiplexer, selection, isReachable, isEncodable, selects);
    }

    private readonly record struct Field(
        DbcSignal Signal, int Multiplexer, DbcMultiplexing? Selection, bool IsReachable, bool IsEncodable, bool Selects);
}
