using EdgeAgent.Outbox;

namespace EdgeAgent.Tests.Outbox;

/// <summary>The outbox on a real directory in which the first segment's file fails when it is told to.</summary>
public sealed class BadDiskTests : IDisposable
{
    private readonly FailingDisk _failing;
    private readonly OutboxRig _rig;

    public BadDiskTests()
    {
        FailingDisk? disk = null;
        _rig = new OutboxRig(new OutboxOptions(TimeSpan.Zero, 1 << 20), inner => disk = new FailingDisk(inner));
        _failing = disk!;
    }

    private BatchOutbox Outbox => _rig.Outbox;

    public void Dispose()
    {
        (_failing.CannotOpen, _failing.CannotWrite) = (false, false);
        _rig.Dispose();
    }

    [Fact]
    public void What_was_passed_over_while_a_tenant_was_refused_comes_again_when_the_broker_takes_it()
    {
        for (int i = 0; i < 5; i++)
        {
            _rig.Append();
            Outbox.Flush();
        }
        Outbox.SetBrokerIsThere(true);
        var first = Outbox.TryTake()!;
        _rig.Append();
        Outbox.Refuse(Outbox.TryTake()!);
        Assert.Null(Outbox.TryTake());
        Outbox.Acknowledge(first);
        Assert.True(Outbox.ArrivalAsync().IsCompleted);

        List<long> taken = [];
        while (Outbox.TryTake() is { } delivery)
        {
            taken.Add(delivery.Batch.FirstSequence);
            Outbox.Acknowledge(delivery);
        }
        Assert.Equal([6L, 2, 3, 4, 5], taken);
    }

    [Fact]
    public void A_segment_that_cannot_be_opened_any_more_does_not_stop_the_storing_of_others()
    {
        _rig.Append();
        Assert.True(Outbox.Flush());
        (_failing.CannotOpen, _failing.CannotWrite) = (true, true);
        _rig.Append();
        bool stored = false;
        for (int minute = 0; minute < 10 && !stored; minute++)
        {
            _rig.Time.Advance(TimeSpan.FromMinutes(1));
            stored = Outbox.Flush();
        }
        Assert.True(stored);
    }

    [Fact]
    public void Deletions_that_fail_do_not_put_off_storing()
    {
        for (int i = 0; i < 2; i++)
        {
            _rig.Append();
            Outbox.Flush();
        }
        Outbox.SetBrokerIsThere(true);
        Outbox.Acknowledge(Outbox.TryTake()!);
        _failing.CannotWrite = true;
        Outbox.SetBrokerIsThere(false);
        for (int i = 0; i < 400; i++)
        {
            _rig.Time.Advance(TimeSpan.FromMilliseconds(250));
            Outbox.Flush();
        }
        _failing.CannotWrite = false;
        _rig.Append();
        Assert.True(Outbox.Flush());
    }

    private sealed class FailingDisk(IDisk inner) : DiskOver(inner)
    {
        public bool CannotOpen { get; set; }

        public bool CannotWrite { get; set; }

        public override Stream Open(string path)
        {
            bool isFirst = path.EndsWith("00000001-normal.db", StringComparison.Ordinal);
            if (isFirst && CannotOpen) throw new IOException("Input/output error");
            return isFirst ? new FailingStream(base.Open(path), this) : base.Open(path);
        }
    }

    private sealed class FailingStream(Stream inner, FailingDisk disk) : StreamOver(inner)
    {
        public override void Write(byte[] buffer, int offset, int count)
        {
            if (disk.CannotWrite) throw new IOException("Input/output error");
            base.Write(buffer, offset, count);
        }
    }
}
