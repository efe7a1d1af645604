using System.Text;
using EdgeAgent.Cli.Fleet;
using EdgeAgent.Publishing;
using EdgeAgent.Tenancy;
using Microsoft.Extensions.Time.Testing;

namespace EdgeAgent.Tests.Cli.Fleet;

/// <summary>What devices of the tenant acme send.</summary>
internal static class Messages
{
    public static readonly DateTimeOffset Now = new(2026, 5, 4, 8, 0, 0, TimeSpan.Zero);

    public static FleetRoster Roster(FakeTimeProvider? time = null) => new(TenantId.Parse("acme"), time ?? new FakeTimeProvider(Now));

    public static IncomingMessage Message(string device, string channel, string payload, bool retained = false) =>
        new($"tenants/acme/devices/{device}/{channel}", Encoding.UTF8.GetBytes(payload), retained);

    public static IncomingMessage Status(string device, bool online) =>
        new($"devices/{device}/status", Encoding.UTF8.GetBytes($$"""{"device":"{{device}}","online":{{(online ? "true" : "false")}},"version":"0.2.0","boot":"b"}"""), true);

    public static IncomingMessage Health(
        string device, long sequence = 1, string bus = "can0", string state = "open", string controller = "error-active", string load = "0.47", string clock = "synchronized",
        double oldest = 4.2, long lost = 0, long free = 3_000_000_000, string time = "2026-05-04T07:59:58Z", bool retained = false) => Message(device, "health", HealthText(
            device, sequence, bus, state, controller, load, clock, oldest, lost, free, time), retained);

    public static string HealthText(
        string device, long sequence = 1, string bus = "can0", string state = "open", string controller = "error-active", string load = "0.47", string clock = "synchronized",
        double oldest = 4.2, long lost = 0, long free = 3_000_000_000, string time = "2026-05-04T07:59:58Z") =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $$"""
        {"device":"{{device}}","tenant":"acme","epoch":3,"boot":"b","stream":"messages","sequence":{{sequence}},"time":"{{time}}","clock":"{{clock}}","version":"0.2.0","uptimeSeconds":4000,
        "link":{"connected":true,"connects":2},"buses":[{"bus":"{{bus}}","state":"{{state}}","controller":"{{controller}}","bitrate":500000,"load":{{load}},"frames":100000,"samples":400000,"errorFrames":0,"openings":1}],
        "samplesPerSecond":812.4,"outbox":{"bufferedSamples":1200,"storedBatches":2,"storedBytes":20000,"memoryBytes":1000,"oldestSeconds":{{oldest}},"delivered":398000,"lost":{{lost}}},
        "drops":{"kernel":0,"ring":0,"evicted":0,"corrupt":0},"cpu":0.12,"agentCpu":0.03,"memory":{"rssBytes":31000000,"availableBytes":300000000},
        "disk":{"freeBytes":{{free}},"totalBytes":8000000000,"writtenBytes":100000},"temperatureCelsius":51.2}
        """);

    public static IncomingMessage State(string device, string configuration) =>
        Message(device, "state", $$"""{"device":"{{device}}","tenant":"acme","epoch":3,"boot":"b","version":"0.2.0","configuration":{{configuration}}}""", true);

    /// <summary>A device's last word to a tenant that it has left.</summary>
    public static IncomingMessage Left(string device) =>
        Message(device, "state", $$"""{"device":"{{device}}","tenant":"acme","boot":"b","version":"0.2.0","assigned":false}""", true);

    public static IncomingMessage Event(string device, string name) => Message(device, "events/" + name, $$"""{"device":"{{device}}","tenant":"acme","epoch":3}""");

    /// <summary>One of each kind: well, in trouble, gone, never understood.</summary>
    public static FleetRoster Mixed()
    {
        var roster = Roster();
        foreach (var message in (IncomingMessage[])
        [
            Status("dongle-1", true), Health("dongle-1"), State("dongle-1", """{"status":"applied","tenantVersion":12,"deviceVersion":2,"hash":"x"}"""),
            Status("dongle-2", true), Health("dongle-2", controller: "bus-off", free: 100_000_000), Event("dongle-2", "vehicle/engine/running"),
            Status("dongle-3", false), Health("dongle-3", clock: "unsynchronized", oldest: 7200, lost: 12),
            State("dongle-4", """{"status":"refused","tenantVersion":11,"refused":{"tenantVersion":12,"mistakes":[{"pointer":"/sources/0/dbc/0","message":"no such artifact"}]}}"""),
            Message("dongle-5", "health", "{\"ver"),
        ]) roster.Take(message);
        return roster;
    }
}
