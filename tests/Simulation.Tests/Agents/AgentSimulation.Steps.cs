using EdgeAgent.Tenancy.Documents;

namespace EdgeAgent.Simulation.Tests.Agents;

/// <summary>What happens next.</summary>
internal sealed partial class AgentSimulation
{
    public void Step()
    {
        Act();
        if (Disk.PowerIsCut) PowerCut();
        Pass(ShortestStep * _random.Next(1, 16));
        if (_life.AsksToStop) throw new ViolationException("the agent gave up");
    }

    private void Act()
    {
        switch (_random.Next(100))
        {
            case < 24: break;
            case < 28: Assign(); break;
            case < 35: Configure(); break;
            case < 37: RotateKeys(); break;
            case < 44: _cloud.Command(); break;
            case < 48: _cloud.Forge(); break;
            case < 50: _cloud.Replay(); break;
            case < 54: SetBroker(); break;
            case < 58: _broker.Drop("the network broke"); break;
            case < 60: _broker.Restart(forgetsSession: _random.Next(2) == 0, forgetsRetained: _random.Next(3) == 0); break;
            case < 66: SpoilBroker(); break;
            case < 69: SetBus(); break;
            case < 71: SetDiskFull(); break;
            case < 72: SetReadErrors(); break;
            case < 77: Disk.CutPowerAfter(_random.Next(1, 40)); break;
            case < 79: Stop(); break;
            case < 81: Crash(); break;
            case < 82: PowerCut(); break;
            case < 83: JumpClock(TimeSpan.FromDays(_random.Next(-3000, 3000))); break;
            case < 84: _framesPerSecond = _random.Next(5, _random.Next(4) == 0 ? 600 : 60); break;
            default: Wait(); break;
        }
    }

    private void Assign()
    {
        var others = _cloud.Tenants.Where(tenant => tenant != _cloud.Assigned).ToArray();
        var next = _random.Next(5) switch { 0 => null, 1 => _cloud.Assigned, _ => others[_random.Next(others.Length)] };
        _cloud.Assign(next, _random.Next(3) == 0 ? Handover.Purge : Handover.Deliver, _random.Next(2) == 0 ? null : _random.Next(5, 200));
        if (next is not null && (next.Wide is null || _random.Next(2) == 0)) _cloud.Configure(next, isOverlay: false, LayerKind.Good);
    }

    private void Configure()
    {
        var tenant = _cloud.Tenants[_random.Next(8) == 0 ? _random.Next(_cloud.Tenants.Count) : _cloud.Assigned is { } assigned ? _cloud.Tenants.IndexOf(assigned) : 0];
        var kind = _random.Next(4) switch { 0 => LayerKind.Mistaken, 1 => LayerKind.NeverOpens, _ => LayerKind.Good };
        _cloud.Configure(tenant, isOverlay: _random.Next(3) == 0, kind);
    }

    private void RotateKeys()
    {
        if (_random.Next(2) == 0) _cloud.RotatePlatformKeys();
        else _cloud.RotateKeys(_cloud.Tenants[_random.Next(_cloud.Tenants.Count)]);
    }

    private void SetBroker()
    {
        _broker.IsAway = !_broker.IsAway;
        Trace.Add($"{_agenda.Now} broker is {(_broker.IsAway ? "away" : "there")}");
        if (_broker.IsAway) _broker.Drop("the broker is away");
    }

    private void SpoilBroker()
    {
        switch (_random.Next(6))
        {
            case 0: _broker.Latency = TimeSpan.FromMilliseconds(_random.Next(0, _random.Next(3) == 0 ? 3000 : 200)); break;
            case 1: _broker.LosesAcknowledgements = _random.Next(2) * _random.Next(1, 30); break;
            case 2: _broker.Duplicates = _random.Next(2) * _random.Next(1, 50); break;
            case 3: _broker.RefusesSubscriptions = _random.Next(4) == 0 ? 40 : 0; break;
            default:
                var tenant = _cloud.Tenants[_random.Next(_cloud.Tenants.Count)].Id;
                if (!_broker.Refused.Remove(tenant)) _broker.Refused.Add(tenant);
                break;
        }
        Trace.Add($"{_agenda.Now} broker: latency {_broker.Latency}, loses {_broker.LosesAcknowledgements}, twice {_broker.Duplicates}, refuses {string.Join(',', _broker.Refused)}, subscriptions {_broker.RefusesSubscriptions}");
    }

    private void SetBus()
    {
        int bus = _random.Next(SimulatedBus.Names.Length);
        _bus.SetThere(bus, !_bus.IsThere(bus));
        Trace.Add($"{_agenda.Now} {SimulatedBus.Names[bus]} is {(_bus.IsThere(bus) ? "there" : "gone")}");
    }

    private void SetDiskFull()
    {
        Disk.IsFull = !Disk.IsFull;
        Trace.Add($"{_agenda.Now} disk full: {Disk.IsFull}");
        NoteDiskTrouble();
    }

    private void SetReadErrors()
    {
        Disk.ReadErrors = _random.Next(1, 5);
        Trace.Add($"{_agenda.Now} the disk fails the next {Disk.ReadErrors} reads");
        NoteDiskTrouble();
    }

    /// <summary>Nothing happens for some seconds.</summary>
    private void Wait()
    {
        for (int i = _random.Next(2, 8); i > 0; i--) Pass(TimeSpan.FromMilliseconds(_random.Next(200, 800)));
    }
}
