using EdgeAgent.Capture;
using EdgeAgent.Outbox;
using EdgeAgent.Publishing;
using EdgeAgent.Tenancy;

namespace EdgeAgent.Tests.Publishing;

/// <summary>What the broker will never take, and what this version cannot write.</summary>
public sealed class PublisherUnpublishableTests : IDisposable
{
    private static readonly TenantId Acme = TenantId.Parse("acme"), Bravo = TenantId.Parse("bravo");

    private readonly PublisherRig _rig = new();
    private readonly List<Publication> _taken = [];
    private Func<Publication, bool> _isTooLarge = _ => false;

    public PublisherUnpublishableTests() => _rig.Broker.Carry = publication =>
    {
        if (_isTooLarge(publication)) return Task.FromException(new PublicationTooLargeException("accepts no more"));
        _taken.Add(publication);
        return Task.CompletedTask;
    };

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void Samples_that_are_too_large_as_text_go_in_the_smallest_encoding()
    {
        _isTooLarge = publication => publication.WireBytes > 5000;
        _rig.Append("acme", 1, 200);
        _rig.Start();
        Assert.Equal(ColumnarFormat.ContentType, _taken.Single().ContentType);
        Assert.Equal((1, 200, LedgerOutcome.Delivered), Ledger(Acme).Select(range => (range.From, range.To, range.Outcome)).Single());
        Assert.False(_rig.Outbox.HasWork);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_is_too_large_in_any_is_lost_and_said_so_once_and_holds_up_neither_others_nor_a_hand_over(bool isOnDisk)
    {
        _isTooLarge = publication => publication.Topic.Contains("acme", StringComparison.Ordinal);
        _rig.Append("acme", 1, 500);
        _rig.Append("bravo", 1);
        if (isOnDisk) _rig.Outbox.Flush(all: true);
        _rig.Start();
        _rig.Pass(60);
        _rig.Broker.Drop();
        _rig.Pass(60);
        Assert.Equal([new LedgerRange(1, 500, LedgerOutcome.Lost, LedgerReason.TooLarge)], Ledger(Acme));
        Assert.Equal(LedgerOutcome.Delivered, Ledger(Bravo).Single().Outcome);
        Assert.Equal((0L, 0L), (_rig.Outbox.Counts.MemoryBytes, _rig.Outbox.Counts.StoredBytes));
        Assert.False(_rig.Outbox.HasWork);
        Assert.False(_rig.Outbox.Holds(Acme));
        Assert.Single(_rig.Journal.Lines, line => line.Contains("batch 1 to 500 for telemetry of acme, epoch 1 is too large for the broker and is lost: accepts no more", StringComparison.Ordinal));
    }

    [Fact]
    public void What_was_too_large_costs_no_bytes()
    {
        _isTooLarge = publication => publication.WireBytes > 1000 || publication.ContentType == ColumnarFormat.ContentType;
        _rig.Publisher.Configure(Acme, new PublishingOptions { BytesPerSecond = 1000 });
        _rig.Append("acme", 1, 500);
        _rig.Start();
        _rig.Append("acme", 501);
        _rig.Run();
        Assert.Single(_taken);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_this_version_cannot_write_is_kept_on_the_disk_alone_and_nothing_waits_for_it(bool isOnDisk)
    {
        AppendOfLaterVersion(1);
        if (isOnDisk) _rig.Outbox.Flush(all: true);
        _rig.Start();
        _rig.Append("acme", 2);
        _rig.Pass(1);
        Assert.Equal(0, _rig.Outbox.Counts.MemoryBytes);
        _rig.Broker.Drop(); // what is on the disk is looked at once more
        _rig.Pass(60);
        Assert.Single(_taken);
        Assert.Equal(1, _rig.Outbox.Counts.StoredBatches);
        Assert.Equal([LedgerOutcome.Buffered, LedgerOutcome.Delivered], Ledger(Acme).Select(range => range.Outcome));
        Assert.False(_rig.Outbox.HasWork);
        Assert.False(_rig.Outbox.Holds(Acme));
        Assert.Single(_rig.Journal.Lines, line => line.Contains("cannot be published by this version and is kept for a later one", StringComparison.Ordinal));
        _rig.Outbox.Purge(Acme);
        Assert.Equal(0, _rig.Outbox.Counts.StoredBatches);
        _rig.Broker.OnConnect = () => new BrokerException("away");
        _rig.Broker.Drop();
        _rig.Pass(5);
        _rig.Append("acme", 3);
        _rig.Outbox.Flush(all: true);
        Assert.True(_rig.Outbox.Holds(Acme)); // what was parked and is gone is not taken off what is there
        Assert.True(_rig.Outbox.HasWork);
    }

    private void AppendOfLaterVersion(long sequence)
    {
        var builder = new BatchBuilder(TestStamps.Acme, new SignalCatalog([new SignalDescription("can0/M/S", null)]));
        builder.Add(new Sample(sequence, 0, 0, 1));
        var batch = builder.Seal(default);
        _rig.Outbox.Append(batch with { Payload = [SamplePayload.Version + 1, .. batch.Payload[1..]] });
    }

    private IReadOnlyList<LedgerRange> Ledger(TenantId tenant) => _rig.Outbox.Ledgers(tenant).Single().Ranges;
}
