using EdgeAgent.Diagnostics;

namespace EdgeAgent.Cli.Fleet;

/// <summary>What a cell says and how much it matters.</summary>
internal readonly record struct FleetCell(string Text, Severity Severity = Severity.Well);

/// <summary>One column of the table.</summary>
/// <param name="Title">Its heading.</param>
/// <param name="Rank">Columns of lower rank are left out first where there is no room; the highest is 1.</param>
/// <param name="MaxWidth">Longer text is cut off.</param>
/// <param name="IsRight">True for numbers.</param>
/// <param name="Cell">What it says of a device.</param>
internal sealed record FleetColumn(string Title, int Rank, int MaxWidth, bool IsRight, Func<FleetRow, FleetCell> Cell)
{
    private const string Unknown = "-";

    /// <summary>All of them, from left to right.</summary>
    public static readonly IReadOnlyList<FleetColumn> All =
    [
        new("DEVICE", 1, 20, false, row => new(row.Device.Id.ToString())),
        new("STATE", 2, 7, false, row => new(PresenceText.Of(row.Presence), row.Presence is Presence.Offline or Presence.Silent ? Severity.Bad : Severity.Well)),
        new("SEEN", 8, 5, true, row => new(row.Device.LastSeen is { } seen ? Shorthand.Age(row.Now - seen) : Unknown)),
        new("VERSION", 16, 10, false, row => new(row.Device.Version ?? Unknown)),
        new("CONFIG", 9, 18, false, Configuration),
        new("LINK", 14, 5, false, row => Health(row, report => report.Link.Connected ? "up" : "down")),
        new("BUSES", 4, 18, false, Buses),
        new("SMP/S", 6, 5, true, row => Health(row, report => report.SamplesPerSecond is { } rate ? Shorthand.Count(rate) : null)),
        new("BACKLOG", 5, 10, true, Backlog),
        new("LOST", 7, 5, true, row => Count(row.Device.Lost)),
        new("DROPS", 15, 5, true, row => Count(row.Device.Dropped)),
        new("CLOCK", 10, 5, false, Clock),
        new("CPU", 11, 4, true, row => Health(row, report => report.System.Cpu is { } cpu ? Shorthand.Share(cpu) : null)),
        new("MEM", 17, 5, true, row => Health(row, report => report.System.RssBytes is { } bytes ? Shorthand.Count(bytes) : null)),
        new("DISK", 12, 5, true, row => Health(row, report => report.System is { DiskFreeBytes: { } free, DiskTotalBytes: > 0 and var total } ? Shorthand.Share(1 - Math.Min(1, (double)free / total)) : null)),
        new("TEMP", 13, 4, true, row => Health(row, report => report.System.TemperatureCelsius is { } celsius ? Shorthand.Count(Math.Max(0, celsius)) : null)),
        new("LAST EVENT", 18, 30, false, row => new(row.Device is { LastEvent: { } name, LastEventAt: { } at } ? $"{name} {Shorthand.Age(row.Now - at)}" : Unknown)),
    ];

    /// <summary>The last one, which takes the room that the others leave.</summary>
    public static readonly FleetColumn Troubles = new("TROUBLE", 3, int.MaxValue, false,
        row => new(string.Join("; ", row.Troubles.Select(trouble => trouble.Text)), row.Severity));

    private static FleetCell Health(FleetRow row, Func<HealthReport, string?> text) => new(row.Device.Health is { } health ? text(health.Report) ?? Unknown : Unknown);

    private static FleetCell Count(long? count) => new(count is { } number ? Shorthand.Count(number) : Unknown, count > 0 ? Severity.Note : Severity.Well);

    /// <summary><c>e3 t12 d2 applied</c>: epoch, versions of the tenant's and the device's own configuration, and what became of them.</summary>
    private static FleetCell Configuration(FleetRow row)
    {
        if (row.Device.State is not { } state) return new(row.Device.Epoch is { } only ? $"e{only}" : Unknown);
        string?[] parts =
        [
            row.Device.Epoch is { } epoch ? $"e{epoch}" : null,
            state.TenantVersion is { } tenant ? $"t{tenant}" : null,
            state.DeviceVersion is { } device ? $"d{device}" : null,
            state.Status,
        ];
        return new(string.Join(' ', parts.Where(part => part is not null)), state.Status is "refused" or "rolled-back" ? Severity.Bad : Severity.Well);
    }

    /// <summary><c>can0 47%</c>, or the state where it is not open.</summary>
    private static FleetCell Buses(FleetRow row)
    {
        if (row.Device.Health?.Report.Buses is not { Count: > 0 } buses) return new(Unknown);
        string text = string.Join(' ', buses.Select(bus => bus switch
        {
            { Controller: "bus-off" } => $"{bus.Bus} bus-off",
            { State: not "open" } => $"{bus.Bus} {bus.State}",
            { Load: { } load } => $"{bus.Bus} {Shorthand.Share(load)}",
            _ => bus.Bus,
        }));
        return new(text, buses.Any(bus => bus is { Controller: "bus-off" } or { State: "retrying" }) ? Severity.Bad : Severity.Well);
    }

    /// <summary>Samples and the age of the oldest batch.</summary>
    private static FleetCell Backlog(FleetRow row)
    {
        if (row.Device.Health?.Report.Outbox is not { } outbox) return new(Unknown);
        string age = outbox.OldestSeconds is { } seconds ? " " + Shorthand.Age(TimeSpan.FromSeconds(seconds)) : "";
        return new(Shorthand.Count(outbox.BufferedSamples) + age, outbox.OldestSeconds > Trouble.OldBacklog.TotalSeconds ? Severity.Warning : Severity.Well);
    }

    private static FleetCell Clock(FleetRow row) => row.Device.Health?.Envelope.ClockIsSynchronized switch
    {
        true => new("ok"),
        false => new("unset", Severity.Warning),
        null => new(Unknown),
    };
}
