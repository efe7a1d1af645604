using EdgeAgent.Can;
using EdgeAgent.Can.Dbc;

namespace EdgeAgent.Capture;

/// <summary>One source of a pipeline, ready to be opened.</summary>
/// <param name="Bus">Its name, the first part of its signals' names.</param>
/// <param name="Description">For people: <c>interface can0</c>, <c>log drive.log</c>.</param>
/// <param name="Plan">What is decoded from its frames.</param>
/// <param name="Signals">What the slots of the plan stand for.</param>
/// <param name="IsLive">True if its frames happen now; a log's have the times of their recording.</param>
/// <param name="Open">Opens it, or throws <see cref="CanSourceException"/>.</param>
/// <param name="Interface">The CAN interface; null for a log or a serial adapter.</param>
/// <param name="Obd">What its ECUs are asked for; null for nothing.</param>
internal sealed record CaptureSource(
    BusName Bus, string Description, DecodePlan Plan, IReadOnlyList<SignalDescription> Signals, bool IsLive, Func<ICanSource> Open, string? Interface = null, ObdPollPlan? Obd = null)
{
    /// <summary>What is to be done about its bus.</summary>
    public BusPolicy Policy { get; init; } = BusPolicy.Default;
}
