using EdgeAgent.Publishing;
using EdgeAgent.Tenancy;

namespace EdgeAgent.Tests.Publishing;

/// <summary>What goes first, how much of it, and what waits: with a link that carries so many bytes a second, on a fake clock.</summary>
public sealed class PublisherOrderTests : IDisposable
{
    private readonly PublisherRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void High_priority_overtakes_live_data_which_overtakes_the_backlog()
    {
        Backlog("acme", first: 1, batches: 3);
        _rig.Outbox.SetBrokerIsThere(true); // what comes now stays in memory
        _rig.Append("acme", 10);
        _rig.Append("acme", 11);
        _rig.Append("acme", 1000, channel: Channel.Event("vehicle/engine/running"));
        _rig.Append("acme", 12);
        _rig.Broker.ReceiveMaximum = 1;
        _rig.Start();
        Assert.Equal([1000L, 10, 11, 12, 1, 2, 3], _rig.Sequences);
        Assert.Equal("tenants/acme/devices/dongle-1/events/vehicle/engine/running", _rig.Broker.Publications[0].Topic);
    }

    [Theory]
    [InlineData(100_000, 0.05)]
    [InlineData(100_000, 0.7)] // a satellite
    [InlineData(40_000, 0.2)]
    public void Live_data_is_not_delayed_by_more_than_a_second_beyond_the_round_trip_while_a_big_backlog_drains(double bytesPerSecond, double roundTrip)
    {
        var (line, delays) = Drain(bytesPerSecond, roundTrip, slowerAfter: TimeSpan.MaxValue);
        Assert.InRange(delays.Count, 18, 20);
        Assert.InRange(delays.Max(delay => delay.Delay), 0, roundTrip + 1);
        TestContext.Current.TestOutputHelper?.WriteLine($"longest delay {delays.Max(delay => delay.Delay):0.00} s, line used to {line.Carried / 20 / bytesPerSecond:P0}");
        Assert.InRange(line.Carried / 20 / bytesPerSecond, 0.7, 1.01);
    }

    [Fact]
    public void A_line_that_becomes_slow_is_given_less()
    {
        var (_, delays) = Drain(100_000, roundTrip: 0.1, slowerAfter: TimeSpan.FromSeconds(8));
        Assert.InRange(delays.Where(delay => delay.At > TimeSpan.FromSeconds(14)).Max(delay => delay.Delay), 0, 1.1);
    }

    /// <summary>Twenty seconds of a big backlog, with something new each second.</summary>
    private (SlowLine Line, List<(TimeSpan At, double Delay)> Delays) Drain(double bytesPerSecond, double roundTrip, TimeSpan slowerAfter)
    {
        Backlog("acme", first: 1, batches: 500, samples: 300);
        var line = new SlowLine(_rig, bytesPerSecond, roundTrip);
        _rig.Broker.ReceiveMaximum = 16;
        long live = 1_000_000;
        var begun = _rig.Time.GetUtcNow();
        Dictionary<long, DateTimeOffset> appended = [];
        List<(TimeSpan, double)> delays = [];
        _rig.Broker.Carry = publication => line.CarryAsync(publication, PublisherRig.Sequence(System.Text.Encoding.UTF8.GetString(publication.Payload.Span)), sequence =>
        {
            if (appended.TryGetValue(sequence, out var at)) delays.Add((at - begun, (_rig.Time.GetUtcNow() - at).TotalSeconds));
        });
        _rig.Start();
        int step = 0;
        _rig.Pass(20, step: 0.01, eachStep: () =>
        {
            if (_rig.Time.GetUtcNow() - begun > slowerAfter) line.BytesPerSecond = bytesPerSecond / 4;
            if (step++ % 100 == 50)
            {
                appended[++live] = _rig.Time.GetUtcNow();
                _rig.Append("acme", live, 5);
            }
            line.Step();
        });
        Assert.True(_rig.Outbox.Counts.StoredBatches > 50, "the backlog was too small to be in the way");
        return (line, delays);
    }

    [Fact]
    public void A_tenant_gets_no_more_bytes_than_its_limit_with_topic_and_headers_and_the_others_are_not_concerned()
    {
        _rig.Publisher.Configure(TenantId.Parse("acme"), new PublishingOptions { BytesPerSecond = 2000 });
        Backlog("acme", first: 1, batches: 400, samples: 10);
        Backlog("bravo", first: 1, batches: 400, samples: 10);
        long acme = 0, bravo = 0;
        _rig.Broker.Carry = publication =>
        {
            if (publication.Topic.Contains("acme", StringComparison.Ordinal)) acme += publication.WireBytes;
            else bravo += publication.WireBytes;
            return Task.CompletedTask;
        };
        _rig.Start();
        long begin = acme;
        Assert.InRange(begin, 4000, 4000 + 1000); // the reserve, overdrawn by the last
        _rig.Pass(60, step: 0.25);
        Assert.InRange(acme - begin, 60 * 2000 * 0.95, 60 * 2000 + 4000);
        Assert.Equal(400, _rig.Broker.Publications.Count(message => message.Topic.Contains("bravo", StringComparison.Ordinal)));
        Assert.True(bravo > 0);
        _rig.Pass(100, step: 0.25);
        Assert.Equal(400, _rig.Broker.Publications.Count(message => message.Topic.Contains("acme", StringComparison.Ordinal)));
        Assert.False(_rig.Outbox.HasWork);
    }

    [Fact]
    public void What_has_high_priority_goes_into_debt_which_what_follows_pays_off()
    {
        _rig.Publisher.Configure(TenantId.Parse("acme"), new PublishingOptions { BytesPerSecond = 1000 });
        _rig.Start();
        for (int i = 0; i < 100; i++) _rig.Append("acme", 1 + i, channel: Channel.Event("agent/audit"));
        _rig.Run();
        Assert.Equal(100, _rig.Broker.Publications.Count);
        long bytes = _rig.Broker.Publications.Sum(message => (long)new Publication(message.Topic, System.Text.Encoding.UTF8.GetBytes(message.Payload), "application/senml+json").WireBytes);
        _rig.Append("acme", 1000);
        _rig.Pass((bytes - 2000) / 1000.0 - 0.5);
        Assert.Equal(100, _rig.Broker.Publications.Count);
        _rig.Pass(2); // meanwhile it went to the disk, and what is there waits for the bucket to be half full
        Assert.Equal(101, _rig.Broker.Publications.Count);
    }

    [Fact]
    public void Over_a_metered_network_only_what_is_important_enough_goes_and_the_rest_waits_for_another()
    {
        var metered = new MeteredRules(["wwan*", "ppp?"], Priority.High);
        _rig.Publisher.Configure(TenantId.Parse("acme"), new PublishingOptions { Metered = metered });
        _rig.Broker.NetworkInterface = "wwan0";
        Backlog("acme", first: 1, batches: 40);
        _rig.Append("bravo", 1);
        _rig.Start();
        _rig.Append("acme", 100);
        _rig.Append("acme", 1000, channel: Channel.Event("vehicle/engine/running"));
        _rig.Append("acme", 1001, channel: Channel.Health);
        _rig.Pass(10);
        Assert.Equal(["tenants/bravo/devices/dongle-1/telemetry", "tenants/acme/devices/dongle-1/events/vehicle/engine/running"], _rig.Broker.Publications.Select(message => message.Topic));

        _rig.Broker.NetworkInterface = "wlan0";
        _rig.Broker.Drop();
        _rig.Pass(10);
        Assert.False(_rig.Outbox.HasWork);
        Assert.Equal(43, _rig.Broker.Publications.Count);
        Assert.Equal(43, _rig.Broker.Publications.Distinct().Count());
        Assert.Contains("tenants/acme/devices/dongle-1/health", _rig.Broker.Retained.Keys); // how it was last, for whoever looks later
    }

    [Fact]
    public void A_metered_network_can_have_a_limit_of_its_own_and_options_can_change_at_any_time()
    {
        var tenant = TenantId.Parse("acme");
        _rig.Publisher.Configure(tenant, new PublishingOptions { BytesPerSecond = 1_000_000, Metered = new MeteredRules(["wwan0"], Priority.Low, 500) });
        _rig.Broker.NetworkInterface = "wwan0";
        Backlog("acme", first: 1, batches: 100, samples: 10);
        _rig.Start();
        int begin = _rig.Broker.Publications.Count;
        _rig.Pass(20, step: 0.25);
        Assert.InRange(_rig.Broker.Publications.Count - begin, 10, 25);
        _rig.Publisher.Configure(tenant, PublishingOptions.Default);
        _rig.Run();
        Assert.Equal(100, _rig.Broker.Publications.Count);
    }

    [Theory]
    [InlineData("wwan0", true)]
    [InlineData("ppp1", true)]
    [InlineData("ppp10", false)]
    [InlineData("eth0", false)]
    [InlineData(null, false)]
    public void An_interface_is_metered_if_a_pattern_says_so(string? name, bool expected) =>
        Assert.Equal(expected, new MeteredRules(["wwan*", "ppp?"], Priority.High).Concern(name));

    private void Backlog(string tenant, long first, int batches, int samples = 1)
    {
        for (int i = 0; i < batches; i++)
        {
            _rig.Append(tenant, first + i * (long)samples, samples);
            Assert.True(_rig.Outbox.Flush(all: true)); // each by itself, so that they are stored as they are
        }
    }

    /// <summary>One packet after the other, then the way there and back.</summary>
    private sealed class SlowLine(PublisherRig rig, double bytesPerSecond, double roundTrip)
    {
        private readonly List<(DateTimeOffset At, TaskCompletionSource Arrived, long Sequence, int Bytes, Action<long> OnArrival)> _underWay = [];
        private DateTimeOffset _free;

        public double BytesPerSecond { get; set; } = bytesPerSecond;

        public double Carried { get; private set; }

        public Task CarryAsync(Publication publication, long sequence, Action<long> onArrival)
        {
            var now = rig.Time.GetUtcNow();
            _free = (_free > now ? _free : now) + TimeSpan.FromSeconds(publication.WireBytes / BytesPerSecond);
            var arrived = new TaskCompletionSource();
            _underWay.Add((_free + TimeSpan.FromSeconds(roundTrip), arrived, sequence, publication.WireBytes, onArrival));
            return arrived.Task;
        }

        public void Step()
        {
            foreach (var packet in _underWay.Where(packet => packet.At <= rig.Time.GetUtcNow()).ToArray())
            {
                _underWay.Remove(packet);
                Carried += packet.Bytes;
                packet.OnArrival(packet.Sequence);
                packet.Arrived.SetResult();
            }
        }
    }
}
