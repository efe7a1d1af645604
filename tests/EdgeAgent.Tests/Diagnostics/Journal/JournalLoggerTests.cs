using EdgeAgent.Capture;
using EdgeAgent.Diagnostics;
using EdgeAgent.Diagnostics.Journal;
using EdgeAgent.Management;
using EdgeAgent.Management.Commands;
using EdgeAgent.Outbox;
using EdgeAgent.Tenancy;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace EdgeAgent.Tests.Diagnostics.Journal;

/// <summary>What of a log entry reaches journald, over a real socket.</summary>
public sealed class JournalLoggerTests : IDisposable
{
    private static readonly BusName Can0 = BusName.Parse("can0"), Can1 = BusName.Parse("can1");

    private readonly FakeTimeProvider _time = new();
    private readonly JournalReceiver _journal = new();
    private readonly JournalLoggerProvider _provider;
    private readonly ILoggerFactory _loggers;
    private readonly ILogger _logger;

    public JournalLoggerTests()
    {
        _provider = new JournalLoggerProvider(new JournalSocket(_journal.Path), _time);
        _loggers = LoggerFactory.Create(builder => builder.SetMinimumLevel(LogLevel.Trace).AddProvider(_provider));
        _logger = _loggers.CreateLogger("edge-agent");
    }

    [Fact]
    public void An_entry_has_its_event_its_members_and_whose_the_device_is()
    {
        _provider.Owner = () => (DeviceId.Parse("dongle-1"), new Assignment(DeviceId.Parse("dongle-1"), TenantId.Parse("acme"), new Epoch(7)));
        DiagnosticsLog.BusIsTroubled(_logger, Can0, "bus-off", ", before error-active", "");
        var entry = Assert.Single(_journal.Take());
        Assert.Equal(
            new Dictionary<string, string>
            {
                ["PRIORITY"] = "4",
                ["SYSLOG_IDENTIFIER"] = "edge-agent",
                ["MESSAGE_ID"] = "389f92efb9d14f1ea1f57412e30b1410",
                ["EDGE_EVENT"] = "BusIsTroubled",
                ["EDGE_BUS"] = "can0",
                ["EDGE_STATE"] = "bus-off",
                ["EDGE_DETAILS"] = ", before error-active",
                ["EDGE_REMEDY"] = "",
                ["EDGE_DEVICE"] = "dongle-1",
                ["EDGE_TENANT"] = "acme",
                ["EDGE_EPOCH"] = "7",
                ["MESSAGE"] = "can0: bus-off, before error-active",
            },
            entry);
    }

    [Fact]
    public void An_entry_about_another_tenant_is_not_given_the_present_ones_epoch()
    {
        _provider.Owner = () => (DeviceId.Parse("dongle-1"), new Assignment(DeviceId.Parse("dongle-1"), TenantId.Parse("acme"), new Epoch(7)));
        OutboxLog.KeyDamaged(_logger, TenantId.Parse("zeta"));
        var entry = Assert.Single(_journal.Take());
        Assert.Equal("zeta", entry["EDGE_TENANT"]);
        Assert.DoesNotContain("EDGE_EPOCH", entry.Keys);
    }

    [Fact]
    public void Scopes_are_fields_where_the_entry_says_nothing_else()
    {
        using (_logger.BeginScope(new Dictionary<string, object?> { ["Tenant"] = TenantId.Parse("acme"), ["Bus"] = Can1, ["not a name"] = 1 }))
            CaptureLog.BusIsSilent(_logger, Can0);
        var entry = Assert.Single(_journal.Take());
        Assert.Equal(("acme", "can0"), (entry["EDGE_TENANT"], entry["EDGE_BUS"]));
        Assert.DoesNotContain(entry.Keys, name => name.Contains("NAME", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(LogLevel.Critical, "2")]
    [InlineData(LogLevel.Error, "3")]
    [InlineData(LogLevel.Warning, "4")]
    [InlineData(LogLevel.Information, "6")]
    [InlineData(LogLevel.Debug, "7")]
    [InlineData(LogLevel.Trace, "7")]
    public void A_level_is_a_priority(LogLevel level, string expected)
    {
        _logger.Log(level, default, "x", null, (state, _) => state);
        var entry = Assert.Single(_journal.Take());
        Assert.Equal(expected, entry["PRIORITY"]);
        Assert.DoesNotContain("MESSAGE_ID", entry.Keys);
    }

    [Fact]
    public void An_exception_is_in_the_text_in_short_and_in_a_field_at_length()
    {
        ManagementLog.LoopDied(_logger, "sealing", new InvalidOperationException("two\nlines"));
        var entry = Assert.Single(_journal.Take());
        Assert.Equal("the sealing loop died; the agent stops: InvalidOperationException: two\nlines", entry["MESSAGE"]);
        Assert.StartsWith("System.InvalidOperationException: two\nlines", entry["EDGE_EXCEPTION"], StringComparison.Ordinal);
    }

    [Fact]
    public void A_broken_cable_is_an_entry_a_minute_with_the_number_of_the_others()
    {
        for (int second = 0; second < 150; second++)
        {
            DiagnosticsLog.BusHasErrors(_logger, Can0, $"error frames {second}", "x", "y");
            if (second == 3) DiagnosticsLog.BusHasErrors(_logger, Can1, "error frames of another", "x", "y");
            _time.Advance(TimeSpan.FromSeconds(1));
        }
        Assert.Equal(
            [
                "can0: error frames 0; the last: x; y", "can1: error frames of another; the last: x; y",
                "can0: error frames 59; the last: x; y (the last of 59 within 60 s)", "can0: error frames 119; the last: x; y (the last of 60 within 60 s)",
            ],
            _journal.Take().Select(entry => entry["MESSAGE"]));
        _provider.Dispose();
        var last = Assert.Single(_journal.Take());
        Assert.Equal(("can0: error frames 149; the last: x; y (the last of 30 within 30 s)", "30", "can0"), (last["MESSAGE"], last["EDGE_REPEATED"], last["EDGE_BUS"]));
    }

    [Fact]
    public void Another_state_of_a_bus_is_told_at_once()
    {
        foreach (string state in (string[])["error-passive", "bus-off", "error-passive"]) DiagnosticsLog.BusIsTroubled(_logger, Can0, state, "", "");
        Assert.Equal(["can0: error-passive", "can0: bus-off"], _journal.Take().Select(entry => entry["MESSAGE"]));
    }

    [Fact]
    public void Without_a_bus_the_same_words_are_a_repetition_and_others_are_not()
    {
        foreach (string trouble in (string[])["refused", "refused", "timed out"]) DiagnosticsLog.CannotNotify(_logger, trouble);
        Assert.Equal(2, _journal.Take().Count);
        _time.Advance(JournalRepeats.Interval);
        Assert.Equal("cannot notify the service manager: refused (the last of 1 within 60 s)", Assert.Single(_journal.Take())["MESSAGE"]);
        _time.Advance(JournalRepeats.Interval);
        DiagnosticsLog.CannotNotify(_logger, "refused");
        Assert.Equal("cannot notify the service manager: refused", Assert.Single(_journal.Take())["MESSAGE"]);
    }

    [Fact]
    public void Of_the_audit_every_entry_is_told()
    {
        for (int i = 0; i < 5; i++) CommandsLog.Refused(_logger, "ping", "user:nobody", "none", "no role", "-");
        Assert.Equal(5, _journal.Take().Count);
    }

    [Fact]
    public void More_kinds_than_are_remembered_are_all_told()
    {
        int told = 0;
        for (int i = 0; i < JournalRepeats.Capacity * 3; i++)
        {
            DiagnosticsLog.CannotNotify(_logger, $"trouble {i}");
            told += _journal.Take().Count;
        }
        Assert.Equal(JournalRepeats.Capacity * 3, told);
    }

    [Fact]
    public void What_a_full_journal_does_not_take_is_counted_and_told_when_it_takes_more()
    {
        int written = 0, taken = 0;
        // Longer than any queue of a socket: net.unix.max_dgram_qlen is 10 or 512, and the buffer of the sender takes a few hundred.
        for (; written < 2000; written++) CommandsLog.Executed(_logger, "ping", "user:a", "viewer", $"c{written}");
        taken = _journal.Take().Count;
        Assert.InRange(taken, 1, written - 1);
        CommandsLog.Executed(_logger, "ping", "user:a", "viewer", "last");
        var after = _journal.Take();
        Assert.Equal(
            [$"{written - taken} entries could not be written to the journal: it takes no more for now", "audit: ping executed for user:a (viewer), command last"],
            after.Select(entry => entry["MESSAGE"]));
        Assert.Equal("389f92efb9d14f1ea1f57412e30b1406", after[0]["MESSAGE_ID"]);
    }

    [Fact]
    public void Without_anybody_at_the_socket_nothing_is_thrown_and_the_loss_is_told_a_minute_after_he_is_back()
    {
        string path = _journal.Path, away = path + ".away";
        File.Move(path, away);
        for (int i = 0; i < 3; i++) DiagnosticsLog.CannotNotify(_logger, $"trouble {i}");
        File.Move(away, path);
        _time.Advance(JournalRepeats.Interval);
        Assert.StartsWith("3 entries could not be written to the journal: ", Assert.Single(_journal.Take())["MESSAGE"], StringComparison.Ordinal);
    }

    [Fact]
    public void A_value_that_cannot_say_what_it_is_costs_the_entry_and_not_the_caller()
    {
        CaptureLog.BusIsSilent(_logger, default);
        CaptureLog.BusIsSilent(_logger, Can0);
        var entries = _journal.Take();
        Assert.Equal("1 entries could not be written to the journal: A bus name that was never set.", entries[0]["MESSAGE"]);
        Assert.Equal("can0", entries[1]["EDGE_BUS"]);
    }

    public void Dispose()
    {
        _loggers.Dispose();
        _provider.Dispose();
        _journal.Dispose();
    }
}
