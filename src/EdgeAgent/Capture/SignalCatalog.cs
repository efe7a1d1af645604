namespace EdgeAgent.Capture;

/// <summary>What a sample's index stands for.</summary>
/// <param name="Name"><c>bus/message/signal</c>.</param>
/// <param name="Unit">As the DBC file has it; null if it has none.</param>
internal sealed record SignalDescription(string Name, string? Unit);

/// <summary>All signals that a pipeline captures, numbered from 0.</summary>
internal sealed class SignalCatalog(IReadOnlyList<SignalDescription> signals)
{
    private readonly SignalDescription[] _signals = [.. signals];

    public int Count => _signals.Length;

    public SignalDescription this[int index] => _signals[index];
}
