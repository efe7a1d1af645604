using EdgeAgent.Tenancy;

namespace EdgeAgent.Simulation.Tests.Agents;

/// <summary>
/// Whose the device was when, as far as that can be known from outside: it changed hands between the moment when it was given an assignment
/// and the moment when it had dealt with it.
/// </summary>
internal sealed class AssignmentHistory
{
    private readonly Dictionary<long, TimeSpan> _offered = [];
    private readonly SortedList<long, (TenantId? Tenant, TimeSpan At)> _adopted = [];
    private readonly Dictionary<(int Bus, long Epoch), (long First, long Last)> _frames = [];
    private readonly Dictionary<TenantId, long> _purgedBelow = [];
    private readonly Dictionary<int, BootId> _boots = [];

    /// <summary>The epoch that the device adopted last; 0 for none.</summary>
    public long Epoch => _adopted.Count == 0 ? 0 : _adopted.Keys[^1];

    /// <summary>Whose the device is.</summary>
    public TenantId? Tenant => _adopted.Count == 0 ? null : _adopted.Values[^1].Tenant;

    public int Count => _adopted.Count;

    public int Purges { get; private set; }

    public void Begin(int life, BootId boot) => _boots[life] = boot;

    public void Offer(long epoch, TimeSpan now) => _offered.TryAdd(epoch, now);

    public bool WasOffered(long epoch) => _offered.ContainsKey(epoch);

    /// <summary>The device has taken an assignment.</summary>
    /// <returns>The tenant whose records it had to destroy, if any.</returns>
    public TenantId? Adopt(IssuedAssignment assignment, TimeSpan now)
    {
        Promise.That(_offered.ContainsKey(assignment.Epoch), $"assignment {assignment.Epoch} is in force and was never given to the device");
        Promise.That(assignment.Epoch > Epoch, $"assignment {assignment.Epoch} follows {Epoch}");
        var before = Tenant;
        _adopted.Add(assignment.Epoch, (assignment.Tenant, now));
        if (before is not { } left || left == assignment.Tenant || assignment.Handover != Tenancy.Documents.Handover.Purge) return null;
        _purgedBelow[left] = assignment.Epoch;
        Purges++;
        return left;
    }

    /// <summary>Whether the device has belonged to this tenant since.</summary>
    public bool HasComeBack(TenantId tenant, long since) => _adopted.Any(adopted => adopted.Key >= since && adopted.Value.Tenant == tenant);

    /// <summary>Nothing of before a purge leaves the device any more.</summary>
    public void CheckLeaving(TenantId tenant, long epoch) =>
        Promise.That(epoch >= _purgedBelow.GetValueOrDefault(tenant), $"a record of {tenant}, epoch {epoch}, is published after it was purged with epoch {_purgedBelow.GetValueOrDefault(tenant)}");

    /// <summary>A sample is stamped with what was in force when its frame was on the bus.</summary>
    public void Check(RecordStamp stamp, SimulatedBus.Frame frame, long number, TimeSpan now)
    {
        long epoch = stamp.Epoch.Value;
        Promise.That(_boots[frame.Life] == stamp.Boot, $"frame {number} of life {frame.Life} is stamped with the boot of another");
        Promise.That(_offered.TryGetValue(epoch, out var offered) && frame.At >= offered, $"frame {number}, on the bus at {frame.At}, is stamped with epoch {epoch}, which the device got later ({now})");
        foreach (var (later, adopted) in _adopted)
        {
            Promise.That(later <= epoch || frame.At <= adopted.At, $"frame {number}, on the bus at {frame.At}, is stamped with epoch {epoch}; from {adopted.At} on {later} was in force");
        }
        // The switch is one point in the stream.
        var range = _frames.GetValueOrDefault((frame.Bus, epoch), (number, number));
        _frames[(frame.Bus, epoch)] = (Math.Min(range.Item1, number), Math.Max(range.Item2, number));
    }

    /// <summary>All frames of one assignment were on the bus before all of the next.</summary>
    public void CheckOrder()
    {
        foreach (var bus in _frames.GroupBy(entry => entry.Key.Bus))
        {
            long last = 0;
            foreach (var (key, frames) in bus.OrderBy(entry => entry.Key.Epoch))
            {
                Promise.That(frames.First > last, $"bus {key.Bus}: frame {frames.First} has epoch {key.Epoch} and frame {last} an earlier one");
                last = frames.Last;
            }
        }
    }
}
