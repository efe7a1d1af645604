using System.Globalization;
using EdgeAgent.Can;
using EdgeAgent.Capture;

namespace EdgeAgent.Management.Updates;

/// <summary>What a bus that is captured now says of the vehicle.</summary>
/// <param name="Bus">Its name.</param>
/// <param name="HasFrames">False behind an adapter, where the poller listens to the battery's voltage instead.</param>
/// <param name="IsOpen">Whether it is being read.</param>
/// <param name="Reading">How it was looked at last.</param>
/// <param name="Poller">What whoever asks its ECUs is doing; null for nobody.</param>
internal readonly record struct BusWitness(BusName Bus, bool HasFrames, bool IsOpen, BusReading? Reading, ObdPollerState? Poller);

/// <summary>Whether it is known that the vehicle stands. What is not known counts as moving.</summary>
internal static class Standstill
{
    /// <summary>A bus without a frame for this long is that of a parked vehicle.</summary>
    public static readonly TimeSpan SilentFor = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Null if every bus says that the vehicle stands: it is well and has been silent for <see cref="SilentFor"/>, or its ECUs said that the engine is off
    /// and the speed 0, or the battery's voltage that nothing charges it. Otherwise why it may be moving.
    /// </summary>
    public static string? Doubt(IReadOnlyCollection<BusWitness> witnesses) => witnesses.Count == 0
        ? "no bus is captured that could say whether the vehicle stands"
        : witnesses.Select(Doubt).FirstOrDefault(doubt => doubt is not null);

    /// <summary>The live sources of a pipeline; null for none.</summary>
    public static IReadOnlyCollection<BusWitness> Witnesses(Pipeline? pipeline) =>
    [
        .. from reader in pipeline?.Readers ?? []
           where reader.Source.IsLive
           let bus = reader.Source.Bus
           select new BusWitness(bus, reader.Source.Interface is not null, reader.State == SourceState.Open, reader.Bus, pipeline!.Pollers.FirstOrDefault(poller => poller.Bus == bus)?.State)
    ];

    private static string? Doubt(BusWitness witness)
    {
        var bus = witness.Bus;
        if (!witness.IsOpen) return $"{bus} is not open, and so cannot say whether the vehicle stands";
        if (witness.Poller == ObdPollerState.EngineOff) return null;
        if (!witness.HasFrames) return witness.Poller == ObdPollerState.Silent ? null : $"{bus}: the engine may run";
        // A controller with another bit rate, or none at all on the bus, hears nothing either.
        if (witness.Reading?.Controller is { } state and not CanControllerState.ErrorActive) return $"{bus} has errors, and its silence says nothing ({state})";
        if (witness.Reading?.Silent is not { } silent) return $"{bus} carries frames";
        return silent >= SilentFor ? null : string.Create(CultureInfo.InvariantCulture, $"{bus} has been silent for {silent.TotalSeconds:0} s; it has to be for {SilentFor.TotalSeconds:0} s");
    }
}
