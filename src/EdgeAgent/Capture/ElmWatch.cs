using EdgeAgent.Can;
using EdgeAgent.Obd.Elm;

namespace EdgeAgent.Capture;

/// <summary>
/// Whether the engine of a vehicle behind an adapter runs. No frame says so there, but the battery's voltage does, which the adapter measures
/// without a word on the bus: the alternator raises it. An adapter that cannot measure it leaves the vehicle alone.
/// </summary>
internal sealed class ElmWatch(ElmObdLink link, TimeProvider time)
{
    /// <summary>A battery alone has at most 12.8 V.</summary>
    public const double RunningFrom = 13.0;

    /// <summary>How often the voltage is read.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private long _readingsWhileRunning;

    /// <summary>The adapter as a source without frames: it is open while it answers.</summary>
    /// <exception cref="CanSourceException">The adapter cannot be used.</exception>
    public ICanSource OpenSource()
    {
        Note(link.VoltageAsync(CancellationToken.None).GetAwaiter().GetResult());
        return new Source(this);
    }

    /// <summary>True as often as a reading says that the engine runs.</summary>
    public IBusTraffic OpenTraffic() => new Traffic(this);

    private void Note(double? volts)
    {
        if (volts >= RunningFrom) Interlocked.Increment(ref _readingsWhileRunning);
    }

    private sealed class Source(ElmWatch watch) : ICanSource
    {
        private readonly CancellationTokenSource _closed = new();
        private long _last = watch.Time.GetTimestamp();
        private Task<double?>? _reading;

        public long Dropped => 0;

        public CanSourceException? Fault { get; private set; }

        public string Details => "";

        public ReadOutcome Read(FrameBatch batch)
        {
            batch.Clear();
            if (_reading is null && watch.Time.GetElapsedTime(_last) < Interval)
            {
                _closed.Token.WaitHandle.WaitOne(CanSource.ReadTimeout);
                return ReadOutcome.Idle;
            }
            _reading ??= watch.Link.VoltageAsync(_closed.Token);
            try
            {
                if (!_reading.Wait(CanSource.ReadTimeout)) return ReadOutcome.Idle;
                watch.Note(_reading.Result);
            }
            catch (AggregateException e) when (e.InnerException is CanSourceException fault)
            {
                Fault = fault;
                return ReadOutcome.Lost;
            }
            _reading = null;
            _last = watch.Time.GetTimestamp();
            return ReadOutcome.Idle;
        }

        public void Dispose()
        {
            _closed.Cancel();
            _closed.Dispose();
        }
    }

    private sealed class Traffic(ElmWatch watch) : IBusTraffic
    {
        private long _known = Interlocked.Read(ref watch._readingsWhileRunning);

        public bool WasSeen()
        {
            long readings = Interlocked.Read(ref watch._readingsWhileRunning);
            bool seen = readings != _known;
            _known = readings;
            return seen;
        }

        public void Dispose()
        {
        }
    }

    private ElmObdLink Link => link;

    private TimeProvider Time => time;
}
