using EdgeAgent.Obd.Elm;

namespace EdgeAgent.Obd.Tests.Elm;

/// <summary>A session and an emulator in a time of their own.</summary>
internal sealed class ElmBench(ElmEmulator emulator, ElmOptions? options = null, int chunk = int.MaxValue)
{
    private readonly PriorityQueue<byte[], (TimeSpan, int)> _underWay = new();
    private int _order;

    public ElmSession Session { get; } = new(options ?? new ElmOptions(), new ObdTiming());

    public TimeSpan Now { get; private set; }

    /// <summary>Runs what was started to its end.</summary>
    public void Run()
    {
        var latest = Now;
        for (int steps = 0; !Session.IsOver; steps++)
        {
            Assert.True(steps < 100_000, "it does not end");
            while (_underWay.TryPeek(out byte[]? bytes, out var due) && due.Item1 <= Now)
            {
                _underWay.Dequeue();
                Session.Accept(bytes, Now);
            }
            if (Session.TryNext(Now, out var command))
            {
                latest = Now;
                foreach (var emission in emulator.Accept(command.Span))
                {
                    latest += emission.After;
                    foreach (byte[] part in emission.Bytes.Chunk(chunk)) _underWay.Enqueue(part, (latest, _order++));
                }
                continue;
            }
            if (Session.IsOver) break;
            var next = Session.Due > Now ? Session.Due : Now;
            if (_underWay.TryPeek(out _, out var arrival) && arrival.Item1 < next) next = arrival.Item1;
            Now = next > Now ? next : Now + TimeSpan.FromMilliseconds(1);
        }
    }
}
