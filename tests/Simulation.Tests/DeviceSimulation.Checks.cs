using System.Text;
using EdgeAgent.Outbox;
using EdgeAgent.Tenancy;

namespace EdgeAgent.Simulation.Tests;

internal sealed partial class DeviceSimulation
{
    /// <summary>The most that one transaction adds.</summary>
    private const long TransactionBytes = 400_000;

    private long _boundsChecked;

    /// <summary>Everything is well again: all that was promised arrives or is in the ledger.</summary>
    public void DrainAndCheck()
    {
        Trace.Add("Drain");
        (Disk.IsFull, Disk.IsBroken) = (false, false);
        Disk.CutPowerAfter(int.MaxValue);
        Stop();
        Disk.CutPowerAfter(int.MaxValue);
        CheckDiskIsUnreadable(Marker);
        SetBroker(true);
        for (int i = 0; i < 20_000 && _outbox.HasWork; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            if (_outbox.TryTake() is { } delivery)
            {
                Receive(delivery.Batch);
                _outbox.Acknowledge(delivery);
            }
            _outbox.Flush();
        }
        _time.Advance(TimeSpan.FromMinutes(1));
        _outbox.Flush(all: true);
        Assert.False(_outbox.HasWork, "the outbox did not empty");
        Assert.DoesNotContain(Disk.List(), path => path.EndsWith(".db", StringComparison.Ordinal));
        CheckLedgers(_outbox);

        // And it says the same after a restart.
        _outbox.Dispose();
        Disk.Restart(powerCut: false);
        _outbox = new BatchOutbox(Disk, new OutboxOptions(FlushAfter, MemoryBytes), _time, Trace);
        CheckLedgers(_outbox);
    }

    private void CheckLedgers(BatchOutbox outbox)
    {
        foreach (var tenant in Tenants)
        {
            foreach (var entry in outbox.Ledgers(tenant))
            {
                var witness = Witness(tenant, entry.Assignment.Epoch.Value, entry.Stream);
                long from = 1;
                foreach (var range in entry.Ranges)
                {
                    Assert.Equal(from, range.From);
                    from = range.To + 1;
                    if (range.Outcome == LedgerOutcome.Delivered) Assert.True(witness.Received.ContainsAll(range.From, range.To), $"{witness}: {range} was not received");
                    Assert.True(range.Outcome != LedgerOutcome.Buffered, $"{witness}: {range} is nowhere");
                    if (range.Outcome == LedgerOutcome.Lost && range.Reason != LedgerReason.DiskFull) Assert.True(_damaged, $"{witness}: {range} without any damage");
                }
                Assert.Equal(entry.Next, from);
                foreach (var (first, last) in witness.Safe.Except(witness.Received)) CheckAccounted(witness, entry, first, last);
            }
        }
        foreach (var witness in _witnesses.Values.Where(witness => witness.Safe.Count > 0))
        {
            var epochs = outbox.Ledgers(witness.Tenant).Select(entry => entry.Assignment.Epoch.Value).Distinct().ToArray();
            // Only if both copies of a ledger are damaged is nothing known of it, and once there are many epochs the oldest are forgotten.
            Assert.True(_damaged || epochs.Contains(witness.Epoch) || epochs.Length >= Ledgers.MaxEpochs, $"{witness}: no ledger");
        }
    }

    /// <summary>What was promised and did not arrive was given up in a way that the ledger knows; only damage makes it doubtful.</summary>
    private void CheckAccounted(StreamWitness witness, LedgerEntry entry, long first, long last)
    {
        Assert.True(last < entry.Next, $"{witness}: {first}-{last} was promised and is not in the ledger, which ends at {entry.Next}");
        foreach (var range in entry.Ranges.Where(range => range.From <= last && first <= range.To))
        {
            bool isAccounted = range.Outcome is LedgerOutcome.Evicted or LedgerOutcome.Purged || range.Reason is LedgerReason.Purge
                || _damaged && range.Outcome is LedgerOutcome.Lost or LedgerOutcome.Unconfirmed;
            Assert.True(isAccounted, $"{witness}: {first}-{last} was promised, did not arrive, and the ledger says {range}");
        }
    }

    private void CheckBounds()
    {
        var counts = _outbox.Counts;
        Assert.InRange(counts.MemoryBytes, 0, MemoryBytes * 5 / 4 + BatchBuilder.MaxBytes);
        if (counts.StoredBytes == _boundsChecked) return;
        _boundsChecked = counts.StoredBytes;
        for (int i = 0; i < Tenants.Length; i++) Assert.InRange(_outbox.CountsOf(Tenants[i]).StoredBytes, 0, Quotas[i] + TransactionBytes);
        Assert.InRange(counts.StoredBytes, 0, StoreBytes + TransactionBytes);
    }

    private void CheckPurged(TenantId tenant)
    {
        Assert.DoesNotContain(Disk.List(), path => path.StartsWith($"tenants/{tenant}/outbox/", StringComparison.Ordinal) || path == $"tenants/{tenant}/key");
        Assert.DoesNotContain(_outbox.Ledgers(tenant).SelectMany(entry => entry.Ranges), range => range.Outcome == LedgerOutcome.Buffered);
        Assert.Equal(0, _outbox.CountsOf(tenant).StoredBytes);
        CheckDiskIsUnreadable(Marker);
    }

    private void CheckDiskIsUnreadable(string text)
    {
        byte[] plain = Encoding.UTF8.GetBytes(text);
        foreach (string path in Disk.List()) Assert.True(Disk.TryRead(path).AsSpan().IndexOf(plain) < 0, $"{path} holds what a tenant has said");
    }
}
