namespace EdgeAgent.Obd.Signalsets;

/// <summary>What became of a signal in an answer.</summary>
public enum SignalState
{
    /// <summary>The answer ends before the signal does.</summary>
    TooShort,

    /// <summary>The ECU says that it has no value (<c>nullmin</c>, <c>nullmax</c>), or one that the map does not name.</summary>
    Unavailable,

    /// <summary><see cref="SignalReading.Number"/> holds the value.</summary>
    Number,

    /// <summary><see cref="SignalReading.Label"/> holds the value, and <see cref="SignalReading.Number"/> the raw one.</summary>
    Label,
}

/// <summary>A signal's value in one answer.</summary>
/// <param name="State">Which of the others count.</param>
/// <param name="Number">In the signal's unit, or the raw value of a label; finite.</param>
/// <param name="Label">The map's value.</param>
public readonly record struct SignalReading(SignalState State, double Number = 0, string? Label = null);

/// <summary>A signal together with its value.</summary>
/// <param name="Id">The signal's id.</param>
/// <param name="Signal">The signal; null if the value was computed (<see cref="SyntheticSignal"/>).</param>
/// <param name="Reading">Its value.</param>
/// <param name="Text">For the units <c>ascii</c> and <c>hex</c>: the value as text.</param>
public sealed record DecodedSignal(string Id, SignalsetSignal? Signal, SignalReading Reading, string? Text);
