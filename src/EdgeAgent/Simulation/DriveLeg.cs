namespace EdgeAgent.Simulation;

/// <summary>What a vehicle does for a while.</summary>
internal enum DrivePhase
{
    /// <summary>The engine runs, the vehicle stands.</summary>
    Idle,

    /// <summary>From one traffic light to the next, up to 50 km/h.</summary>
    City,

    /// <summary>105–125 km/h.</summary>
    Motorway,

    /// <summary>It stops, the engine is switched off, and the bus falls silent.</summary>
    Off,
}

/// <summary>A part of a drive.</summary>
/// <param name="Phase">What is done.</param>
/// <param name="Length">For how long, in the vehicle's time.</param>
internal sealed record DriveLeg(DrivePhase Phase, TimeSpan Length)
{
    /// <summary>The phase at a moment of a drive that begins anew when it has ended.</summary>
    public static DrivePhase At(IReadOnlyList<DriveLeg> drive, TimeSpan time)
    {
        long left = time.Ticks % drive.Sum(leg => leg.Length.Ticks);
        foreach (var leg in drive)
        {
            if (left < leg.Length.Ticks) return leg.Phase;
            left -= leg.Length.Ticks;
        }
        return drive[^1].Phase;
    }
}
