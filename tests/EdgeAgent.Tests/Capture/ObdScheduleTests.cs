using CsCheck;
using EdgeAgent.Can;
using EdgeAgent.Capture;
using EdgeAgent.Obd;

namespace EdgeAgent.Tests.Capture;

/// <summary>Random schedules for random vehicles, by a clock that goes from event to event.</summary>
public sealed class ObdScheduleTests
{
    private static readonly TimeSpan ToAll = TimeSpan.FromMilliseconds(100), Watched = TimeSpan.FromMinutes(2);

    private static readonly ObdPid[] Pids = [.. ObdPids.All.Where(pid => pid.Parameters.Count > 0).Take(40)];

    private static readonly Gen<Vehicle> Vehicles = Gen.Select(
        Gen.Select(Gen.Int[-1, 3], Gen.Int[1, 200]).Array[1, Pids.Length], Gen.Select(Gen.Int[1, 300], Gen.Bool).Array[4], Gen.Int[1, 200], Gen.OneOf<int>(1, 2, 6),
        (queries, ecus, perSecond, maxPids) => new Vehicle(queries, ecus, new ObdManners { RequestsPerSecond = perSecond, MaxPids = maxPids }));

    [Fact]
    public void Nothing_starves_no_ecu_has_two_requests_and_no_more_is_sent_than_is_allowed() => Vehicles.Sample(
        vehicle =>
        {
            var drive = new Drive(vehicle);
            drive.Run(Watched);
            Assert.Equal("", string.Join("; ", drive.Faults));
            for (int i = 0; i < vehicle.Queries.Length; i++)
            {
                var (ecu, tenths) = vehicle.Queries[i];
                int asked = drive.Asked[i].Count;
                if (ecu < 0)
                {
                    // Once with others, and then alone.
                    Assert.InRange(asked, 1, 1 + ObdSchedule.MaxTries);
                    continue;
                }
                // All others have one turn each, some of them alone after they were asked together.
                var longest = vehicle.Queries.Length * 3 * (TimeSpan.FromMilliseconds(vehicle.Ecus.Max(each => each.Milliseconds)) + ToAll + TimeSpan.FromSeconds(1) / vehicle.Manners.RequestsPerSecond);
                Assert.True(asked > 0);
                var gaps = drive.Asked[i].Append(Watched).Zip(drive.Asked[i].Prepend(TimeSpan.Zero), (to, from) => to - from);
                Assert.True(gaps.Max() <= longest + TimeSpan.FromSeconds(tenths / 10.0), $"{i}: {gaps.Max()}, expected at most {longest} beside {tenths / 10.0} s");
            }
        },
        iter: 60);

    [Fact]
    public void With_time_to_spare_everything_is_asked_as_often_as_wanted()
    {
        var drive = new Drive(new Vehicle([(0, 1), (1, 5), (0, 10), (2, 20)], [(10, true), (10, true), (20, false), (20, true)], new ObdManners { RequestsPerSecond = 100, MaxPids = 6 }));
        drive.Run(Watched);
        Assert.Equal([1200, 240, 120, 60], drive.Answered.Select(count => (int)Math.Round(count / 10.0) * 10));
    }

    [Fact]
    public void Ecus_are_asked_at_the_same_time()
    {
        (int, int)[] queries = [.. Enumerable.Range(0, 40).Select(i => (i % 4, 1))];
        var drive = new Drive(new Vehicle(queries, [(40, true), (40, true), (40, true), (40, true)], new ObdManners { RequestsPerSecond = 1000, MaxPids = 1 }));
        drive.Run(Watched);
        // One after the other they could answer 25 times a second, all four 100 times.
        Assert.InRange(drive.Answered.Sum() / Watched.TotalSeconds, 90, 100);
    }

    /// <param name="Queries">Who knows each (−1: nobody), and how often it is wanted, in tenths of seconds.</param>
    /// <param name="Ecus">How long each takes, and whether it knows requests for several parameters.</param>
    /// <param name="Manners">What is allowed.</param>
    private sealed record Vehicle((int Ecu, int Tenths)[] Queries, (int Milliseconds, bool KnowsSeveral)[] Ecus, ObdManners Manners);

    private sealed class Drive
    {
        private readonly Vehicle _vehicle;
        private readonly ObdSchedule _schedule;
        private readonly List<(TimeSpan At, ObdAsk Ask)> _underWay = [];
        private readonly Queue<TimeSpan> _lastSecond = [];

        public Drive(Vehicle vehicle)
        {
            _vehicle = vehicle;
            _schedule = new ObdSchedule([.. vehicle.Queries.Select((query, i) => new ParameterQuery(Pids[i], TimeSpan.FromSeconds(query.Tenths / 10.0)))], vehicle.Manners, _ => 1);
            _schedule.Restart(TimeSpan.Zero);
            Asked = [.. vehicle.Queries.Select(_ => new List<TimeSpan>())];
            Answered = new int[vehicle.Queries.Length];
        }

        public List<TimeSpan>[] Asked { get; }

        public int[] Answered { get; }

        public List<string> Faults { get; } = [];

        public void Run(TimeSpan time)
        {
            var now = TimeSpan.Zero;
            while (now < time)
            {
                while (_schedule.Start(now) is { } ask) Note(ask, now);
                var next = _schedule.NextStart(now);
                if (next <= now) Faults.Add($"at {now} it would start something and does not");
                foreach (var (at, _) in _underWay) next = at < next ? at : next;
                if (next == TimeSpan.MaxValue) break; // nothing is supported
                now = next > now ? next : now + TimeSpan.FromMilliseconds(1);
                foreach (var ended in _underWay.Where(each => each.At <= now).ToArray()) End(ended, now);
            }
        }

        private void Note(ObdAsk ask, TimeSpan now)
        {
            if (_underWay.Exists(other => other.Ask.Ecu is null || ask.Ecu is null || other.Ask.Ecu == ask.Ecu)) Faults.Add($"at {now} two requests to {ask.Ecu}");
            if (ask.Entries.Count > _vehicle.Manners.MaxPids || _underWay.Count >= ObdManners.AtOnce) Faults.Add($"at {now} too much at once");
            while (_lastSecond.TryPeek(out var first) && now - first >= TimeSpan.FromSeconds(1)) _lastSecond.Dequeue();
            _lastSecond.Enqueue(now);
            if (_lastSecond.Count > _vehicle.Manners.RequestsPerSecond + 2) Faults.Add($"at {now} {_lastSecond.Count} requests within a second");
            foreach (var entry in ask.Entries) Asked[entry.FirstSlot].Add(now);
            var takes = ask.Ecu is { } ecu ? TimeSpan.FromMilliseconds(_vehicle.Ecus[ecu.Value - 0x7E8].Milliseconds) : ToAll;
            _underWay.Add((now + takes, ask));
        }

        private void End((TimeSpan At, ObdAsk Ask) ended, TimeSpan now)
        {
            _underWay.Remove(ended);
            var answers = new CanId?[ended.Ask.Entries.Count];
            HashSet<int> hasAnswered = [];
            for (int i = 0; i < answers.Length; i++)
            {
                int slot = ended.Ask.Entries[i].FirstSlot, ecu = _vehicle.Queries[slot].Ecu;
                if (ecu < 0 || !hasAnswered.Add(ecu) && !_vehicle.Ecus[ecu].KnowsSeveral) continue;
                answers[i] = CanId.Standard(0x7E8 + (uint)ecu);
                Answered[slot]++;
            }
            _schedule.Ended(ended.Ask, answers, now, _ => { });
        }
    }
}
