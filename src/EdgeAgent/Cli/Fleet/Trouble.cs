using System.Globalization;

namespace EdgeAgent.Cli.Fleet;

/// <summary>How much something matters; what matters most is shown first.</summary>
internal enum Severity
{
    /// <summary>Nothing to do.</summary>
    Well,

    /// <summary>It happened, and cannot be changed any more.</summary>
    Note,

    /// <summary>To be looked at.</summary>
    Warning,

    /// <summary>Data is being lost or does not come.</summary>
    Bad,
}

/// <summary>Something that is not well with a device.</summary>
/// <param name="Severity">How much it matters.</param>
/// <param name="Text">What, in a few words.</param>
internal readonly record struct Trouble(Severity Severity, string Text)
{
    /// <summary>A backlog as old as this does not drain by itself.</summary>
    public static readonly TimeSpan OldBacklog = TimeSpan.FromMinutes(5);

    /// <summary>A share of the disk that is left.</summary>
    public const double LowDisk = 0.10, FullDisk = 0.03;

    /// <summary>Where boards begin to slow down.</summary>
    public const double HotCelsius = 85;

    public const double BusyCpu = 0.95;

    /// <summary>What is not well with a device, the worst first.</summary>
    public static IReadOnlyList<Trouble> Of(FleetDevice device, Presence presence, DateTimeOffset now)
    {
        // What it was when it left is nobody's trouble any more.
        if (presence is Presence.Left) return [];
        List<Trouble> found = [];
        if (presence is Presence.Offline or Presence.Silent)
            found.Add(new(Severity.Bad, device.LastSeen is { } seen ? $"{PresenceText.Of(presence)} for {Shorthand.Age(now - seen)}" : PresenceText.Of(presence)));
        if (device.State is { Status: "refused" or "rolled-back" } state)
            found.Add(new(Severity.Bad, $"configuration {state.Status}{(state.Mistake is { } mistake ? $": {mistake}" : "")}"));
        if (device.Health?.Report is { } report)
        {
            foreach (var bus in report.Buses)
            {
                if (bus.Controller is "bus-off") found.Add(new(Severity.Bad, $"{bus.Bus} bus-off"));
                else if (bus.State is "retrying") found.Add(new(Severity.Bad, $"{bus.Bus} does not open"));
                else if (bus.SilentSeconds is { } silent) found.Add(new(Severity.Note, $"{bus.Bus} silent for {Shorthand.Age(TimeSpan.FromSeconds(silent))}"));
                if (bus.Controller is "error-passive" or "error-warning") found.Add(new(Severity.Warning, $"{bus.Bus} {bus.Controller}"));
            }
            if (report.System is { DiskFreeBytes: { } free, DiskTotalBytes: > 0 and var total } && free < LowDisk * total)
                found.Add(new(free < FullDisk * total ? Severity.Bad : Severity.Warning, string.Create(CultureInfo.InvariantCulture, $"disk {100.0 * free / total:0} % free")));
            if (report.Outbox.OldestSeconds is { } oldest && oldest > OldBacklog.TotalSeconds)
                found.Add(new(Severity.Warning, $"backlog of {Shorthand.Age(TimeSpan.FromSeconds(oldest))}"));
            if (device.Health.Envelope.ClockIsSynchronized == false) found.Add(new(Severity.Warning, "clock not set"));
            if (report.System.TemperatureCelsius >= HotCelsius) found.Add(new(Severity.Warning, string.Create(CultureInfo.InvariantCulture, $"{report.System.TemperatureCelsius:0} °C")));
            if (report.System.Cpu >= BusyCpu) found.Add(new(Severity.Warning, "CPU busy"));
        }
        if (device.Unreadable > 0) found.Add(new(Severity.Warning, $"{Shorthand.Count(device.Unreadable)} unreadable"));
        if (device.Lost > 0) found.Add(new(Severity.Note, $"{Shorthand.Count(device.Lost.Value)} lost"));
        if (device.Dropped > 0) found.Add(new(Severity.Note, $"{Shorthand.Count(device.Dropped.Value)} dropped"));
        return [.. found.OrderByDescending(trouble => trouble.Severity)];
    }
}
