using System.Text;
using CsCheck;
using EdgeAgent.Cli.Fleet;
using EdgeAgent.Publishing;
using Microsoft.Extensions.Time.Testing;

namespace EdgeAgent.Tests.Cli.Fleet;

/// <summary>What becomes of devices' messages, good ones and others.</summary>
public sealed class FleetRosterTests
{
    private static readonly TimeSpan SilentAfter = TimeSpan.FromMinutes(5);

    [Fact]
    public void A_device_is_put_together_from_its_messages()
    {
        var devices = Messages.Mixed().Snapshot();
        Assert.Equal(["dongle-1", "dongle-2", "dongle-3", "dongle-4", "dongle-5"], devices.Select(device => device.Id.ToString()));
        Assert.Equal([Presence.Online, Presence.Online, Presence.Offline, Presence.Unknown, Presence.Unknown], devices.Select(device => device.PresenceAt(Messages.Now, SilentAfter)));
        Assert.Equal((3, "0.2.0", 12L, 2L, "applied"), (devices[0].Epoch, devices[0].Version, devices[0].State!.TenantVersion, devices[0].State!.DeviceVersion, devices[0].State!.Status));
        Assert.Equal("vehicle/engine/running", devices[1].LastEvent);
        Assert.Equal("/sources/0/dbc/0: no such artifact", devices[3].State!.Mistake);
        Assert.Equal((1, 1), (devices[4].Unreadable, devices.Sum(device => device.Unreadable)));
    }

    [Fact]
    public void Losses_are_counted_from_the_ledgers_ranges()
    {
        var roster = Messages.Roster();
        roster.Take(Messages.Message("d", "ledger", """
            {"device":"d","tenant":"acme","boot":"b","streams":[
              {"epoch":1,"stream":"telemetry","next":100,"ranges":[{"from":1,"to":40,"outcome":"delivered"},{"from":41,"to":50,"outcome":"lost","reason":"power"},{"from":51,"to":51,"outcome":"evicted"}]},
              {"epoch":1,"stream":"messages","next":5,"ranges":[{"from":1,"to":2,"outcome":"purged"},{"from":3,"to":4,"outcome":"unconfirmed"}]}]}
            """));
        var device = Assert.Single(roster.Snapshot());
        Assert.Equal(11, device.Lost);
        Assert.Equal((40, 2, 2), (device.Ledger!.Outcomes["delivered"], device.Ledger.Outcomes["purged"], device.Ledger.Outcomes["unconfirmed"]));
    }

    [Fact]
    public void Health_that_comes_late_does_not_replace_what_is_newer()
    {
        var roster = Messages.Roster();
        roster.Take(Messages.Health("d", sequence: 8, lost: 8));
        roster.Take(Messages.Health("d", sequence: 7, lost: 7));
        Assert.Equal(8, Assert.Single(roster.Snapshot()).Lost);
        roster.Take(Messages.Health("d", sequence: 9, lost: 9));
        Assert.Equal(9, Assert.Single(roster.Snapshot()).Lost);
    }

    [Fact]
    public void What_comes_now_shows_a_device_that_is_there_and_what_was_kept_when_it_was_written()
    {
        var time = new FakeTimeProvider(Messages.Now);
        var roster = Messages.Roster(time);
        roster.Take(Messages.Health("kept", time: "2026-05-04T07:00:00Z", retained: true));
        roster.Take(Messages.Health("backlog", time: "2026-05-04T07:00:00Z"));
        Assert.Equal([Messages.Now, Messages.Now.AddHours(-1)], roster.Snapshot().Select(device => device.LastSeen));
        Assert.Equal([Presence.Online, Presence.Silent], roster.Snapshot().Select(device => device.PresenceAt(Messages.Now, SilentAfter)));
        Assert.Equal(Presence.Silent, roster.Snapshot()[0].PresenceAt(Messages.Now.AddMinutes(6), SilentAfter));
    }

    [Fact]
    public void Nothing_of_another_tenant_is_shown()
    {
        var roster = Messages.Roster();
        roster.Take(new IncomingMessage("tenants/acme2/devices/d/health", Encoding.UTF8.GetBytes(Messages.HealthText("d"))));
        roster.Take(Messages.Status("stranger", true));
        Assert.Empty(roster.Snapshot());
        Assert.Equal(1, roster.Unreadable);
    }

    [Fact]
    public void An_empty_retained_message_takes_back_what_it_was_for()
    {
        var roster = Messages.Mixed();
        roster.Take(Messages.Message("dongle-1", "state", ""));
        roster.Take(Messages.Message("nobody", "state", ""));
        roster.Take(new IncomingMessage("devices/dongle-1/status", default));
        Assert.Equal(5, roster.Snapshot().Count);
        Assert.Null(roster.Snapshot()[0].State);
        Assert.Null(roster.Snapshot()[0].Status);
    }

    [Theory]
    [InlineData("health", "")]
    [InlineData("health", "null")]
    [InlineData("health", "[]")]
    [InlineData("health", "{}")]
    [InlineData("health", "{\"version\":\"1\",\"version\":\"2\"}")]
    [InlineData("health", "{\"device\":\"other\"}")]
    [InlineData("state", "{\"device\":\"d\",\"tenant\":\"umbrella\"}")]
    [InlineData("state", "{\"epoch\":\"3\"}")]
    [InlineData("state", "{\"epoch\":1e400}")]
    [InlineData("state", "{\"epoch\":-1}")]
    [InlineData("state", "{\"clock\":\"maybe\"}")]
    [InlineData("state", "{\"version\":\"\\ud800\"}")]
    [InlineData("state", "{\"configuration\":[]}")]
    [InlineData("state", "{\"time\":\"yesterday\"}")]
    [InlineData("state", "{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":1}}}}}}}}}}}}}}}}}")]
    [InlineData("ledger", "{\"streams\":[{\"ranges\":[{\"from\":5,\"to\":4,\"outcome\":\"lost\"}]}]}")]
    [InlineData("ledger", "{\"streams\":[{\"ranges\":[{\"from\":0,\"to\":9223372036854775807,\"outcome\":\"lost\"}]}]}")]
    [InlineData("ledger", "{\"streams\":[{\"ranges\":[{\"from\":1,\"to\":4,\"outcome\":\"stolen\"}]}]}")]
    [InlineData("ledger", "{\"streams\":[1]}")]
    [InlineData("events/a", "hello")]
    [InlineData("events/a/b/c/d/e/f/g/h/i", "{}")]
    [InlineData("events/..", "{}")]
    [InlineData("telemetry", "[]")]
    public void What_is_not_as_it_should_be_is_counted_and_changes_nothing(string channel, string payload)
    {
        var roster = Messages.Roster();
        roster.Take(Messages.Health("d"));
        var before = Assert.Single(roster.Snapshot());
        roster.Take(Messages.Message("d", channel, payload));
        Assert.Equal(before with { Unreadable = 1 }, Assert.Single(roster.Snapshot()));
        Assert.Equal(1, roster.Unreadable);
    }

    [Fact]
    public void A_message_that_is_too_long_is_not_looked_at()
    {
        var roster = Messages.Roster();
        roster.Take(Messages.Message("d", "events/a", $"{{\"x\":\"{new string('x', DeviceReports.MaxBytes)}\"}}"));
        Assert.Equal(1, roster.Unreadable);
    }

    [Fact]
    public void Whatever_comes_is_shown_or_counted_and_printed_without_escapes() =>
        Gen.Select(Gen.Int[0, 4].Select(i => Channels[i]), Gen.OneOf(Damaged, Gen.String, Gen.Byte.Array.Select(Encoding.Latin1.GetString)), Gen.String).Sample((channel, payload, device) =>
        {
            var roster = Messages.Roster();
            roster.Take(Messages.Message("d", channel, payload));
            roster.Take(Messages.Message(device, channel, payload));
            roster.Take(new IncomingMessage(device, Encoding.UTF8.GetBytes(payload)));
            roster.Take(new IncomingMessage("devices/d/status", Encoding.UTF8.GetBytes(payload)));
            string shown = Shown(roster);
            Assert.DoesNotContain(shown, character => char.IsControl(character) && character is not '\n');
            Assert.NotEmpty(FleetMetrics.Write(roster, true, Messages.Now, SilentAfter));
        }, iter: 3000);

    [Theory]
    [InlineData("\\u001b[2J\\u001b]0;owned\\u0007", "?[2J?]0;owned?")]
    [InlineData("[red]bold[/]", "[red]bold[/]")]
    [InlineData("\\u202egnp\\u0301", "?gnp?")]
    [InlineData("\\r\\n\\t", "???")]
    [InlineData("車", "?")]
    public void Text_of_a_device_is_made_harmless(string version, string shown)
    {
        var roster = Messages.Roster();
        roster.Take(Messages.Message("d", "state", $"{{\"version\":\"{version}\"}}"));
        Assert.Equal(shown, Assert.Single(roster.Snapshot()).Version);
    }

    [Fact]
    public void More_devices_than_there_is_room_for_are_passed_over_and_counted()
    {
        var roster = Messages.Roster();
        for (int i = 0; i < FleetRoster.MaxDevices + 5; i++) roster.Take(Messages.Message($"d{i}", "events/a", "{}"));
        Assert.Equal(FleetRoster.MaxDevices, roster.Snapshot().Count);
        Assert.Equal(5, roster.PassedOver);
    }

    private static readonly string[] Channels = ["health", "state", "ledger", "events/a", "x"];

    /// <summary>A good record of which a few characters are others.</summary>
    private static readonly Gen<string> Damaged = Gen.Select(Gen.Int[0, 900], Gen.Char, Gen.Int[0, 900], Gen.Char.AlphaNumeric).Select((first, a, second, b) =>
    {
        char[] text = Messages.HealthText("d").ToCharArray();
        text[first % text.Length] = a;
        text[second % text.Length] = b;
        return new string(text);
    });

    private static string Shown(FleetRoster roster)
    {
        using var text = new StringWriter { NewLine = "\n" };
        FleetPlainView.Write(text, roster, FleetRow.Of(roster.Snapshot(), Messages.Now, SilentAfter), 240);
        return text.ToString();
    }
}
