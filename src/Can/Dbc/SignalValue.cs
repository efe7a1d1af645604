namespace EdgeAgent.Can.Dbc;

/// <summary>One decoded signal of a frame.</summary>
/// <param name="Slot">The signal's number in the plan: the index in <see cref="DecodePlan.Signals"/>.</param>
/// <param name="Raw">The bits as they are in the frame, extended with the sign if the signal is signed.</param>
/// <param name="Value">The physical value: raw · scale + offset. Not finite where a float signal is not.</param>
public readonly record struct SignalValue(int Slot, ulong Raw, double Value);
