using EdgeAgent.Can;

namespace EdgeAgent.Capture;

/// <summary>How much of what is wanted is achieved.</summary>
/// <param name="Wanted">Answers a second that are wanted of what is supported.</param>
/// <param name="Achieved">Those that came, over the last <see cref="ObdPoller.RateInterval"/>.</param>
/// <param name="Queries">What is asked for.</param>
/// <param name="Unsupported">What of it was given up in this trip.</param>
internal sealed record ObdRates(double Wanted, double Achieved, int Queries, int Unsupported);

/// <summary>Rates.</summary>
internal sealed partial class ObdPoller
{
    /// <summary>Over which time they are measured.</summary>
    public static readonly TimeSpan RateInterval = TimeSpan.FromSeconds(10);

    private const double Enough = 0.9;

    private long _answers, _answersBefore;
    private TimeSpan _ratesSince;
    private bool _saidSlow;
    private volatile ObdRates? _rates;

    /// <summary>As they were measured last; null while nothing is asked.</summary>
    public ObdRates? Rates => _rates;

    private void CountAnswer(CanId? ecu) => _answers += ecu is null ? 0 : 1;

    private void BeginRates(TimeSpan now)
    {
        _ratesSince = now;
        _answersBefore = _answers;
        _saidSlow = false;
    }

    private void NoteRates(TimeSpan now)
    {
        if (!MayAsk)
        {
            (_rates, _ratesSince, _answersBefore) = (null, now, _answers);
            return;
        }
        var elapsed = now - _ratesSince;
        if (elapsed < RateInterval) return;
        var rates = new ObdRates(_schedule.WantedPerSecond, (_answers - _answersBefore) / elapsed.TotalSeconds, _schedule.Entries.Count, _schedule.Entries.Count(entry => entry.IsUnsupported));
        (_rates, _ratesSince, _answersBefore) = (rates, now, _answers);
        if (_saidSlow || rates.Achieved >= rates.Wanted * Enough) return;
        _saidSlow = true;
        CaptureLog.EcusAreSlow(logger, bus, Math.Round(rates.Achieved, 2), Math.Round(rates.Wanted, 2));
    }
}
