using EdgeAgent.Can;
using EdgeAgent.Obd.Uds;

namespace EdgeAgent.Obd;

/// <summary>
/// One request and its answers, as a state machine on given times: who has answered, who asked for time, and when it is over. An ECU has
/// P2CAN to begin its answer, and P2*CAN after each 7F xx 78 (SAE J1979, ISO 15765-4).
/// </summary>
internal sealed class ObdExchange(CanId? ecu, ReadOnlyMemory<byte> request, ObdTiming timing)
{
    private const int PositiveOffset = 0x40;

    private readonly SortedDictionary<CanId, ObdAnswer> _answers = [];
    private readonly Dictionary<CanId, (int Times, TimeSpan Deadline)> _pending = [];
    private TimeSpan _deadline = TimeSpan.MaxValue;

    /// <summary>When it is over if no answer begins before.</summary>
    public TimeSpan Deadline => _pending.Count == 0 ? _deadline : Max(_deadline, _pending.Values.Max(pending => pending.Deadline));

    /// <summary>True while an ECU has asked for time and not answered yet.</summary>
    public bool IsAwaited => _pending.Count > 0;

    /// <summary>The request is on its way.</summary>
    public void Sent(TimeSpan now) => _deadline = now + timing.Answer;

    /// <summary>Whether what begins so is an answer to this request, and not to another tester's.</summary>
    public bool Wants(CanId from, ReadOnlySpan<byte> beginning)
    {
        if (ecu is { } asked && asked != from) return false;
        var sent = request.Span;
        if (beginning[0] == NegativeResponse.ServiceId) return beginning.Length >= 3 && beginning[1] == sent[0];
        if (beginning[0] != sent[0] + PositiveOffset) return false;
        if (sent.Length == 1 || sent[0] == UdsService.ClearDiagnosticInformation) return true; // nothing of the request is repeated
        if (beginning.Length < 2) return false;
        if (UdsService.HasSubFunction(sent[0])) return beginning[1] == (sent[1] & ~UdsService.SuppressPositiveResponse);
        // Service 01 may ask for several parameters, and the first that the ECU knows comes first.
        return sent[0] == ObdService.CurrentData ? sent[1..].Contains(beginning[1]) : beginning[1] == sent[1];
    }

    /// <summary>Takes a message for which <see cref="Wants"/> was true. The first final answer of an ECU counts.</summary>
    public void Accept(CanId from, ReadOnlyMemory<byte> message, TimeSpan now)
    {
        if (_answers.ContainsKey(from)) return;
        if (NegativeResponse.TryRead(message.Span, out _, out var code) && code == NegativeResponseCode.ResponsePending)
        {
            int times = _pending.TryGetValue(from, out var pending) ? pending.Times + 1 : 1;
            if (times <= timing.MaxPending)
            {
                _pending[from] = (times, now + timing.PendingAnswer);
                return;
            }
            Finish(new ObdAnswer(from, default, ObdAnswerState.Overdue));
            return;
        }
        Finish(new ObdAnswer(from, message));
    }

    /// <summary>An answer began and broke off.</summary>
    public void BreakOff(CanId from)
    {
        if (!_answers.ContainsKey(from)) Finish(new ObdAnswer(from, default, ObdAnswerState.BrokenOff));
    }

    /// <summary>True if nothing more is to come. Of several ECUs nobody knows how many will answer, so that takes as long as one may take.</summary>
    public bool IsOver(TimeSpan now)
    {
        foreach (var (late, _) in _pending.Where(pending => now >= pending.Value.Deadline).ToArray()) Finish(new ObdAnswer(late, default, ObdAnswerState.Overdue));
        if (ecu is not null && _answers.Count > 0) return true;
        return _pending.Count == 0 && now >= _deadline;
    }

    /// <summary>The final answers so far.</summary>
    public IReadOnlyList<ObdAnswer> Answers => [.. _answers.Values];

    private void Finish(ObdAnswer answer)
    {
        _pending.Remove(answer.Ecu);
        _answers.Add(answer.Ecu, answer);
    }

    private static TimeSpan Max(TimeSpan left, TimeSpan right) => left > right ? left : right;
}
