namespace EdgeAgent.Capture;

/// <summary>What a sample's index stands for.</summary>
/// <param name="Name"><c>bus/message/signal</c>.</param>
/// <param name="Unit">As the DBC file has it; null if it has none.</param>
/// <param name="Scaling">How its values come from raw integers; null if they do not, as those of IEEE 754 signals.</param>
internal sealed record SignalDescription(string Name, string? Unit, SignalScaling? Scaling = null);

/// <summary>
/// All signals that were captured for one assignment, numbered from 0. It only grows, so that samples of an earlier configuration keep their
/// meaning; the same description has the same number. Thread-safe.
/// </summary>
internal sealed class SignalCatalog
{
    /// <summary>The most signals of all configurations of one assignment together.</summary>
    public const int MaxSignals = 1 << 16;

    private readonly Lock _gate = new();
    private readonly Dictionary<SignalDescription, int> _indexes = [];
    private SignalDescription[] _signals = [];
    private int _count;

    public SignalCatalog(IReadOnlyList<SignalDescription> signals) => Add(signals);

    public int Count => Volatile.Read(ref _count);

    public SignalDescription this[int index] => Volatile.Read(ref _signals)[index];

    /// <summary>The numbers of these signals, which are added if they are not there.</summary>
    /// <exception cref="InvalidOperationException">There would be more than <see cref="MaxSignals"/>.</exception>
    public int[] Add(IReadOnlyList<SignalDescription> signals)
    {
        lock (_gate)
        {
            int[] indexes = new int[signals.Count];
            for (int i = 0; i < indexes.Length; i++)
            {
                if (!_indexes.TryGetValue(signals[i], out indexes[i])) indexes[i] = Append(signals[i]);
            }
            return indexes;
        }
    }

    private int Append(SignalDescription signal)
    {
        if (_count == MaxSignals) throw new InvalidOperationException($"More than {MaxSignals} signals since the device was assigned.");
        if (_count == _signals.Length)
        {
            var larger = _signals;
            Array.Resize(ref larger, Math.Max(64, _count * 2));
            Volatile.Write(ref _signals, larger);
        }
        _signals[_count] = signal;
        _indexes.Add(signal, _count);
        Volatile.Write(ref _count, _count + 1);
        return _count - 1;
    }
}
