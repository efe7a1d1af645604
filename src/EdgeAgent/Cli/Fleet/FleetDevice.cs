using EdgeAgent.Tenancy;

namespace EdgeAgent.Cli.Fleet;

/// <summary>Whether a device is there.</summary>
internal enum Presence
{
    /// <summary>Nothing has said so yet.</summary>
    Unknown,

    /// <summary>The broker says so, or it has been heard a moment ago.</summary>
    Online,

    /// <summary>The broker says that it is not connected.</summary>
    Offline,

    /// <summary>The broker says nothing, and it has not been heard for a while.</summary>
    Silent,

    /// <summary>It has left the tenant, says its last word to it.</summary>
    Left,
}

internal static class PresenceText
{
    public static string Of(Presence presence) => presence.ToString().ToLowerInvariant();
}

/// <summary>A moment's picture of one device.</summary>
internal sealed record FleetDevice(DeviceId Id)
{
    public SeenStatus? Status { get; init; }

    public SeenState? State { get; init; }

    public SeenLedger? Ledger { get; init; }

    public SeenHealth? Health { get; init; }

    /// <summary>When the health was written, if the device's clock is right, else when it came.</summary>
    public DateTimeOffset? HealthAt { get; init; }

    /// <summary>The newest event's name below <c>events/</c>.</summary>
    public string? LastEvent { get; init; }

    public DateTimeOffset? LastEventAt { get; init; }

    /// <summary>When a message last came from it.</summary>
    public DateTimeOffset? LastSeen { get; init; }

    /// <summary>Messages that were not what they should be.</summary>
    public long Unreadable { get; init; }

    public string? Version => Health?.Report.Version ?? State?.Version ?? Status?.Version;

    public long? Epoch => State?.Envelope.Epoch ?? Health?.Envelope.Epoch;

    /// <summary>Records that will never arrive, as the device accounts for them.</summary>
    public long? Lost => Ledger?.Lost ?? (Health?.Report is { } report ? report.Outbox.Lost + report.Drops.Evicted + report.Drops.Corrupt : null);

    /// <summary>Frames and samples that were dropped before they had a number.</summary>
    public long? Dropped => Health?.Report.Drops is { } drops ? drops.Kernel + drops.Ring : null;

    public Presence PresenceAt(DateTimeOffset now, TimeSpan silentAfter) => Status switch
    {
        _ when State is { HasLeft: true } => Presence.Left,
        { Online: true } => Presence.Online,
        { Online: false } => Presence.Offline,
        _ => LastSeen is not { } seen ? Presence.Unknown : now - seen <= silentAfter ? Presence.Online : Presence.Silent,
    };
}
