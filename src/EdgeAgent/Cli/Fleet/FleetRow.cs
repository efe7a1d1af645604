namespace EdgeAgent.Cli.Fleet;

/// <summary>A device as it is shown: with what has been made of what it sent.</summary>
internal sealed record FleetRow(FleetDevice Device, Presence Presence, IReadOnlyList<Trouble> Troubles, DateTimeOffset Now)
{
    public Severity Severity => Troubles.Count > 0 ? Troubles[0].Severity : Severity.Well;

    /// <summary>The troubled first, the worst before all, then by name; those that have left come last.</summary>
    public static IReadOnlyList<FleetRow> Of(IReadOnlyList<FleetDevice> devices, DateTimeOffset now, TimeSpan silentAfter) =>
        [.. devices
            .Select(device => (Device: device, Presence: device.PresenceAt(now, silentAfter)))
            .Select(device => new FleetRow(device.Device, device.Presence, Trouble.Of(device.Device, device.Presence, now), now))
            .OrderBy(row => row.Presence is Presence.Left)
            .ThenByDescending(row => row.Severity)
            .ThenBy(row => row.Device.Id.ToString(), StringComparer.Ordinal)];
}
