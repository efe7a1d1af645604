using System.Globalization;
using EdgeAgent.Can;
using EdgeAgent.Can.SocketCan;
using EdgeAgent.Capture;
using EdgeAgent.Diagnostics;
using EdgeAgent.Diagnostics.Journal;
using Microsoft.Extensions.Time.Testing;

namespace EdgeAgent.Tests.Diagnostics.Journal;

/// <summary>A cable with a loose contact, all the way to journald: thousands of error frames a second, a controller that changes its state with each look, an interface that comes and goes.</summary>
public sealed class FlappingCableTests
{
    private const int Seconds = 3600, ErrorsPerSecond = 2000;

    /// <summary>Lost, open, and twice how the controller is; and one more.</summary>
    private const int MostEntriesPerMinute = 5;

    [Fact]
    public void An_hour_of_it_is_some_entries_a_minute_and_none_of_it_is_uncounted()
    {
        var time = new FakeTimeProvider();
        using var journal = new JournalReceiver();
        List<Dictionary<string, string>> entries = [];
        using (var provider = new JournalLoggerProvider(new JournalSocket(journal.Path), time))
        {
            var logger = provider.CreateLogger("edge-agent");
            var (bus, errors) = (BusName.Parse("can0"), new BusErrors());
            var watch = new BusWatch((_, _) => { }, _ => { }, time, logger);
            for (int second = 0; second < Seconds; second++)
            {
                for (int i = 0; i < ErrorsPerSecond; i++) errors.Add(CanFrame.Error(i % 100 == 0 ? 0x40u : 0x88u, [0, 0, 4, 0x0A, 0, 0, 0, 0]));
                var state = (second % 3) switch { 0 => CanControllerState.BusOff, 1 => CanControllerState.ErrorActive, _ => CanControllerState.ErrorPassive };
                bool isOpen = second % 2 == 0;
                if (isOpen) CaptureLog.SourceOpened(logger, bus, "CAN interface can0");
                else CaptureLog.SourceUnavailable(logger, bus, $"can0 is down (look {second})");
                var link = new CanLinkInfo { Kind = "can", IsUp = isOpen, State = state, BitTiming = new CanBitTiming(500_000, 875), SendErrorCounter = second % 256, ReceiveErrorCounter = 0, Statistics = new CanLinkStatistics((ulong)second, 0, 0, 0, 0, 0, 0, 0) };
                watch.Step([new BusLook(bus, "can0", isOpen, new BusPolicy(TimeSpan.FromSeconds(10)), link, errors)]);
                time.Advance(TimeSpan.FromSeconds(1));
                entries.AddRange(journal.Take());
            }
        }
        entries.AddRange(journal.Take());
        string events = string.Join(", ", entries.CountBy(entry => entry["EDGE_EVENT"]));
        Assert.True(entries.Count is > Seconds / 60 and <= MostEntriesPerMinute * Seconds / 60, $"{entries.Count}: {events}");
        Assert.InRange(entries.Sum(entry => entry.Sum(field => field.Key.Length + field.Value.Length + 2)), 0, 400_000);
        // Each time that the interface was lost is in an entry, or in the number of one.
        Assert.Equal(Seconds / 2, entries.Where(entry => entry["EDGE_EVENT"] == nameof(CaptureLog.SourceUnavailable)).Sum(entry => entry.TryGetValue("EDGE_REPEATED", out string? count) ? int.Parse(count, CultureInfo.InvariantCulture) : 1));
        Assert.DoesNotContain(entries, entry => entry["EDGE_EVENT"] == "JournalEntriesLost");
    }
}
