using System.Globalization;

namespace EdgeAgent.Cli.Fleet;

/// <summary>The line above the table.</summary>
internal static class FleetSummary
{
    public static string Of(FleetRoster roster, IReadOnlyList<FleetRow> rows)
    {
        int online = rows.Count(row => row.Presence == Presence.Online);
        int troubled = rows.Count(row => row.Severity >= Severity.Warning);
        int left = rows.Count(row => row.Presence == Presence.Left);
        string text = string.Create(CultureInfo.InvariantCulture, $"{roster.Tenant}: {rows.Count - left} devices, {online} online, {troubled} in trouble");
        if (left > 0) text += string.Create(CultureInfo.InvariantCulture, $", {left} left");
        if (roster.Unreadable > 0) text += string.Create(CultureInfo.InvariantCulture, $", {roster.Unreadable} unreadable messages");
        if (roster.PassedOver > 0) text += string.Create(CultureInfo.InvariantCulture, $", more than {FleetRoster.MaxDevices} devices: the rest is not shown");
        return text;
    }
}
