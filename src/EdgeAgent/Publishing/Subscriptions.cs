using EdgeAgent.Outbox;
using Microsoft.Extensions.Logging;

namespace EdgeAgent.Publishing;

/// <summary>
/// What shall be subscribed, and keeping the broker in step with it. A subscription that the broker refuses is reported once and tried again,
/// later each time; the connection and the others go on.
/// </summary>
internal sealed class Subscriptions(IBrokerLink link, TimeProvider time, ILogger logger)
{
    private readonly Lock _gate = new();
    private readonly Wakeup _changed = new();
    private readonly HashSet<string> _subscribed = [];
    private readonly Dictionary<string, Pause> _refused = [];
    private readonly Dictionary<string, string> _messages = [];
    private readonly HashSet<string> _anew = [];
    private HashSet<string> _wanted = [];

    /// <summary>What the broker refuses now, in words. Any thread.</summary>
    public IReadOnlyList<string> Refused
    {
        get
        {
            lock (_gate) return [.. _refused.Keys.Order(StringComparer.Ordinal).Select(filter => _messages[filter])];
        }
    }

    /// <summary>Any thread.</summary>
    /// <param name="filters">What is wanted from now on.</param>
    /// <param name="anew">True to subscribe what is subscribed once more, so that what the broker retains comes again.</param>
    public void Set(IReadOnlyCollection<string> filters, bool anew)
    {
        lock (_gate)
        {
            // What was not wanted for a moment may have been unwanted too shortly for the broker to hear of it.
            _anew.UnionWith(anew ? filters : filters.Where(filter => !_wanted.Contains(filter)));
            _wanted = [.. filters];
            foreach (string gone in _refused.Keys.Where(filter => !_wanted.Contains(filter)).ToArray()) Forget(gone);
        }
        _changed.Set();
    }

    /// <summary>Subscribes everything once more, so that what the broker retains comes again.</summary>
    public void Renew()
    {
        lock (_gate) _anew.UnionWith(_wanted);
        _changed.Set();
    }

    /// <summary>Keeps the broker in step until the connection ends, which throws.</summary>
    public async Task KeepAsync(CancellationToken ended)
    {
        // A session that the broker does not know any more has taken its subscriptions with it. What a process before this one
        // subscribed is not known; whoever wants the same gets it, and retained messages with it, once more.
        if (!link.SessionIsPresent) _subscribed.Clear();
        while (true)
        {
            var changed = _changed.Next;
            var (add, remove, wait) = Differences();
            if (remove.Length > 0)
            {
                await link.UnsubscribeAsync(remove, ended);
                _subscribed.ExceptWith(remove);
            }
            else if (add.Length > 0)
            {
                Note(add, await link.SubscribeAsync(add, ended));
            }
            else
            {
                await _changed.WaitAsync(changed, wait, time, ended);
            }
        }
    }

    private (string[] Add, string[] Remove, TimeSpan? Wait) Differences()
    {
        lock (_gate)
        {
            _subscribed.ExceptWith(_anew.Intersect(_wanted));
            _anew.Clear();
            var waits = _refused.Values.Where(pause => pause.IsOn(time)).Select(pause => (TimeSpan?)(pause.Length - time.GetElapsedTime(pause.Since)));
            return (
                [.. _wanted.Except(_subscribed).Where(filter => !_refused.GetValueOrDefault(filter).IsOn(time)).Order(StringComparer.Ordinal)],
                [.. _subscribed.Except(_wanted).Order(StringComparer.Ordinal)],
                waits.Min());
        }
    }

    private void Note(string[] asked, IReadOnlyList<RefusedSubscription> refused)
    {
        _subscribed.UnionWith(asked);
        lock (_gate)
        {
            foreach (string filter in asked) if (refused.All(refusal => refusal.Filter != filter)) Forget(filter);
            foreach (var refusal in refused)
            {
                _subscribed.Remove(refusal.Filter);
                if (!_wanted.Contains(refusal.Filter)) continue;
                if (!_refused.ContainsKey(refusal.Filter)) PublishingLog.Refused(logger, refusal.Message);
                _messages[refusal.Filter] = refusal.Message;
                _refused[refusal.Filter] = _refused.GetValueOrDefault(refusal.Filter).Longer(time);
            }
        }
    }

    private void Forget(string filter)
    {
        _refused.Remove(filter);
        _messages.Remove(filter);
    }
}
