using EdgeAgent.Capture;
using EdgeAgent.Management;
using EdgeAgent.Tenancy;

namespace EdgeAgent.Diagnostics;

/// <summary>One look at the asking of ECUs on a bus.</summary>
/// <param name="Bus">Its name.</param>
/// <param name="TestersSeen">How often another tester was made way for, since the pipeline began.</param>
/// <param name="YieldFor">For how long after its last request.</param>
internal readonly record struct ObdLook(BusName Bus, long TestersSeen, TimeSpan YieldFor);

/// <summary>Tells the tenant when another tester asks on a bus where ECUs are polled (<c>obd/{bus}/tester</c>): that values are missing then has this reason. Called regularly, by one thread.</summary>
/// <param name="record">Takes an event's members.</param>
internal sealed class ObdWatch(Action<Channel, ReadOnlyMemory<byte>> record)
{
    private readonly Dictionary<BusName, long> _told = [];

    /// <summary>Looks at all buses.</summary>
    /// <param name="looks">One a bus; what is no longer among them is forgotten.</param>
    public void Step(IReadOnlyList<ObdLook> looks)
    {
        foreach (var gone in _told.Keys.Except(looks.Select(look => look.Bus)).ToArray()) _told.Remove(gone);
        foreach (var look in looks)
        {
            // Another pipeline counts from 0 again.
            bool isNew = look.TestersSeen > 0 && look.TestersSeen != _told.GetValueOrDefault(look.Bus);
            _told[look.Bus] = look.TestersSeen;
            if (!isNew) continue;
            record(Channel.Event($"obd/{look.Bus}/tester"), JsonMembers.Of(json =>
            {
                json.WriteString("bus"u8, look.Bus.ToString());
                json.WriteNumber("yieldSeconds"u8, look.YieldFor.TotalSeconds);
            }));
        }
    }
}
