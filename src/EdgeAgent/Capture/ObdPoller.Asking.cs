using EdgeAgent.Can;
using EdgeAgent.Can.Dbc;
using EdgeAgent.Obd;

namespace EdgeAgent.Capture;

/// <summary>Requests, and what becomes of their answers.</summary>
internal sealed partial class ObdPoller
{
    private readonly SignalValue[] _values = new SignalValue[Math.Max(1, plan.Queries.Max(query => query.MaxValues))];
    private readonly CanId?[] _answeredBy = new CanId?[CurrentData.MaxPids];
    private long _requests, _samples, _refusedSamples, _testersSeen;

    /// <summary>Requests sent.</summary>
    public long Requests => Volatile.Read(ref _requests);

    /// <summary>Samples accepted into the ring.</summary>
    public long Samples => Volatile.Read(ref _samples);

    /// <summary>Samples that found the ring full.</summary>
    public long RefusedSamples => Volatile.Read(ref _refusedSamples);

    /// <summary>How often it made way for another tester.</summary>
    public long TestersSeen => Volatile.Read(ref _testersSeen);

    private void Ask(ObdAsk ask, CancellationToken stop)
    {
        Volatile.Write(ref _requests, _requests + 1);
        _underWay.Add(new UnderWay(ask, plan.Link.RequestAsync(ask.Ecu, ask.Request, stop)));
    }

    /// <returns>True if something that was under way had ended.</returns>
    private async Task<bool> TakeEndedAsync()
    {
        bool any = false;
        for (int i = _underWay.Count - 1; i >= 0; i--)
        {
            if (!_underWay[i].Answers.IsCompleted) continue;
            var (ask, answers) = _underWay[i];
            _underWay.RemoveAt(i);
            Take(ask, await answers);
            any = true;
        }
        return any;
    }

    private void Take(ObdAsk ask, IReadOnlyList<ObdAnswer> answers)
    {
        long timeNs = clock.NowNs();
        var answeredBy = _answeredBy.AsSpan(0, ask.Entries.Count);
        answeredBy.Clear();
        foreach (var answer in answers)
        {
            if (!answer.IsPositive) continue;
            if (ask.Entries.Count == 1) Take(ask, 0, answer.Ecu, DataOf(ask, answer), timeNs);
            else TakeSeveral(ask, answer, timeNs);
        }
        foreach (var ecu in answeredBy) CountAnswer(ecu);
        _schedule.Ended(ask, answeredBy, Now, entry => CaptureLog.QueryIsUnsupported(logger, bus, entry.Query.Name));
    }

    private void TakeSeveral(ObdAsk ask, in ObdAnswer answer, long timeNs)
    {
        if (!CurrentData.TrySplit(answer.Message, ask.Request.Span[1..], out var parameters)) return;
        foreach (var (pid, data) in parameters)
        {
            for (int i = 0; i < ask.Entries.Count; i++)
            {
                if (ask.Entries[i].Query.Pid == pid) Take(ask, i, answer.Ecu, data.Span, timeNs);
            }
        }
    }

    /// <summary>Takes the first answer to an entry that holds something.</summary>
    private void Take(ObdAsk ask, int index, CanId ecu, ReadOnlySpan<byte> data, long timeNs)
    {
        if (_answeredBy[index] is not null) return;
        var entry = ask.Entries[index];
        int count = entry.Query.Read(ecu, data, entry.FirstSlot, _values);
        if (count < 0) return;
        _answeredBy[index] = ecu;
        NoteEngine(entry.Query.Pid, data, ecu);
        if (count > 0 && window.Contains(timeNs)) Accept(timeNs, count);
    }

    /// <summary>What follows service and parameter, which are repeated; empty if they are not.</summary>
    private static ReadOnlySpan<byte> DataOf(ObdAsk ask, in ObdAnswer answer)
    {
        var request = ask.Request.Span;
        var message = answer.Message.Span;
        return message.Length > request.Length && message[1..request.Length].SequenceEqual(request[1..]) ? message[request.Length..] : [];
    }

    private void Accept(long timeNs, int count)
    {
        if (ring.TryAccept(timeNs, signals, _values.AsSpan(0, count))) Volatile.Write(ref _samples, _samples + count);
        else Volatile.Write(ref _refusedSamples, _refusedSamples + count);
    }
}
