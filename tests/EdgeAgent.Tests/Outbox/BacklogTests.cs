using System.Buffers.Binary;
using System.IO.Hashing;
using EdgeAgent.Outbox;
using EdgeAgent.Tenancy;

namespace EdgeAgent.Tests.Outbox;

/// <summary>What waits on the disk: how little room it takes, and that it goes out once and in order.</summary>
public sealed class BacklogTests : IDisposable
{
    private const int Batches = 400;

    private readonly OutboxRig _rig = new(new OutboxOptions(TimeSpan.Zero, 8_000_000) { ReserveBytes = 0 });

    public BacklogTests() => Reserve();

    private BatchOutbox Outbox => _rig.Outbox;

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void Batches_that_are_stored_one_by_one_take_little_more_room_than_what_is_in_them_and_come_back_in_order()
    {
        for (int i = 0; i < Batches; i++) Store();
        Assert.InRange(_rig.Segments().Sum(path => new FileInfo(path).Length), Batches * 200, Batches * 1024); // in whole pages it is 10 MB
        Reopen();
        Assert.Equal(Numbers(1, Batches), Take(Batches));
        Outbox.Flush(all: true);
        Assert.Empty(_rig.Segments());
    }

    [Fact]
    public void What_is_taken_while_more_is_stored_comes_no_second_time_and_nothing_is_passed_over()
    {
        List<long> taken = [];
        for (int i = 0; i < Batches; i++)
        {
            Store();
            // Now and then all that there is, so that a segment is deleted that is being written.
            if (i % 7 == 0) taken.AddRange(Take(3));
            if (i % 41 == 0) taken.AddRange(Take(Batches));
            Outbox.Flush(all: true);
        }
        taken.AddRange(Take(Batches));
        Assert.Equal(Numbers(1, Batches), taken);
    }

    [Fact]
    public void A_segment_of_which_something_waits_stays_and_what_was_delivered_of_it_does_not_come_again()
    {
        for (int i = 0; i < 5; i++) Store();
        Assert.Equal([1L, 2], Take(2));
        Outbox.Flush();
        Assert.Single(_rig.Segments());
        Assert.Equal(3, Outbox.Counts.StoredBatches);
        Assert.Equal(3, Outbox.CountsOf(TestStamps.Acme.Tenant).StoredBatches);

        _rig.Time.Advance(TimeSpan.FromSeconds(5));
        Outbox.Flush();
        Reopen(); // as after a power cut: nobody has stopped
        Assert.Equal(3, Outbox.Counts.StoredBatches);
        Assert.Equal([3L, 4, 5], Take(Batches));
        Outbox.Flush();
        Assert.Empty(_rig.Segments());
    }

    [Fact]
    public void A_store_of_an_earlier_version_is_published_and_goes()
    {
        for (int i = 0; i < 3; i++) Store();
        Reopen(() =>
        {
            string segment = Assert.Single(_rig.Segments());
            File.WriteAllBytes(segment, InWholePages(File.ReadAllBytes(segment)));
        });
        Store();
        Assert.Equal(2, _rig.Segments().Length);
        Assert.Equal(Numbers(1, 4), Take(Batches));
        Outbox.Flush();
        Assert.Empty(_rig.Segments());
    }

    [Fact]
    public void Half_a_file_that_a_power_cut_left_is_gone_at_the_next_start()
    {
        Store();
        string left = Assert.Single(_rig.Segments()) + ".new";
        Reopen(() => File.WriteAllText(left, "half of a file"));
        Assert.False(File.Exists(left));
        Assert.Equal([1L], Take(1));
    }

    private void Reopen(Action? meanwhile = null)
    {
        _rig.Reopen(meanwhile: meanwhile);
        Reserve();
    }

    private void Reserve() => Outbox.OpenLedger(TestStamps.Acme.Assignment).Reserve(RecordStream.Telemetry, Batches);

    private void Store()
    {
        _rig.Append();
        Assert.True(Outbox.Flush());
    }

    private List<long> Take(int most)
    {
        List<long> taken = [];
        while (taken.Count < most && Outbox.TryTake() is { } delivery)
        {
            Outbox.Acknowledge(delivery);
            taken.Add(delivery.Batch.FirstSequence);
        }
        return taken;
    }

    private static IEnumerable<long> Numbers(int first, int count) => Enumerable.Range(first, count).Select(number => (long)number);

    /// <summary>The same pages as one commit of an earlier version.</summary>
    private static byte[] InWholePages(byte[] segment)
    {
        using var pages = new PageLogStream(new MemoryStream(segment));
        int count = (int)(pages.Length / PageLogStream.PageSize);
        byte[] record = new byte[24 + count * (8 + PageLogStream.PageSize)];
        BinaryPrimitives.WriteUInt32LittleEndian(record, 0x474F4C50);
        BinaryPrimitives.WriteInt32LittleEndian(record.AsSpan(4), count);
        BinaryPrimitives.WriteInt64LittleEndian(record.AsSpan(8), pages.Length);
        for (int i = 0; i < count; i++)
        {
            int at = 24 + i * (8 + PageLogStream.PageSize);
            BinaryPrimitives.WriteInt64LittleEndian(record.AsSpan(at), i * (long)PageLogStream.PageSize);
            pages.ReadExactly(record.AsSpan(at + 8, PageLogStream.PageSize));
        }
        BinaryPrimitives.WriteUInt64LittleEndian(record.AsSpan(16), XxHash3.HashToUInt64([.. record[..16], .. record[24..]]));
        return record;
    }
}
