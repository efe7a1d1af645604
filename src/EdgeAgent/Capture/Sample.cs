namespace EdgeAgent.Capture;

/// <summary>One value of one signal, stamped with its place in the stream.</summary>
/// <param name="Sequence">Gap-free for one device, tenant and epoch.</param>
/// <param name="TimeNs">Nanoseconds since boot.</param>
/// <param name="Signal">Its index in the pipeline's <see cref="SignalCatalog"/>.</param>
/// <param name="Value">In the signal's unit.</param>
internal readonly record struct Sample(long Sequence, long TimeNs, int Signal, double Value);
