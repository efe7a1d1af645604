using System.Globalization;
using System.Text.Json.Nodes;
using EdgeAgent.Management;
using EdgeAgent.Management.Commands;
using EdgeAgent.Tenancy.Access;

namespace EdgeAgent.Diagnostics.Local;

/// <summary>What somebody sees who looks on: events some time apart, and heartbeats while there is nothing new.</summary>
/// <param name="every">The time between two looks.</param>
/// <param name="send">Sends what is new; false if nothing is.</param>
internal sealed class LocalEvents(TimeSpan every, Func<EventStream, CancellationToken, Task<bool>> send)
{
    public const string Signals = "signals", Status = "status";

    /// <summary>The most signals of an event; of more there are several.</summary>
    public const int MaxSignals = 512;

    private const string Every = "everySeconds";

    private const double Shortest = 0.1, Longest = 10, Usual = 1;

    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(10);

    /// <param name="operation">What may be seen: signals, or the status.</param>
    /// <param name="agent">Whose.</param>
    /// <param name="query"><c>everySeconds</c>, and the operation's arguments.</param>
    /// <exception cref="OperationException">The query is wrong.</exception>
    public static LocalEvents For(Operation operation, LocalAgent agent, JsonObject query)
    {
        var arguments = new OperationArguments(System.Text.Json.JsonElement.Parse(query.ToJsonString()));
        if (operation == Operation.ReadSignals)
        {
            arguments.Expect("bus", "name", Every);
            var filter = new SignalFilter(arguments.TryText("bus"), arguments.TryText("name"));
            SignalView? view = null;
            return new LocalEvents(ReadEvery(arguments), async (output, stop) => (view ??= agent.Signals(filter)) is { } signals && await SendAsync(signals, output, stop));
        }
        arguments.Expect(Every);
        return new LocalEvents(ReadEvery(arguments), (output, stop) => output.SendAsync(Status, json =>
        {
            agent.Status().WriteTo(json);
            return true;
        }, stop));
    }

    /// <summary>Shows them until who looks on has gone, may no longer, or it is stopped.</summary>
    public async Task ShowAsync(EventStream output, Func<bool> isPermitted, TimeProvider time, CancellationToken stop)
    {
        await output.BeginAsync(stop);
        using var timer = new PeriodicTimer(every, time);
        long? sent = null;
        do
        {
            bool isNews = await send(output, stop);
            if (!isNews && (sent is null || time.GetElapsedTime(sent.Value) >= Heartbeat)) await output.BeatAsync(stop);
            else if (!isNews) continue;
            sent = time.GetTimestamp();
        }
        while (!output.IsGone && await timer.WaitForNextTickAsync(stop) && isPermitted());
    }

    private static async Task<bool> SendAsync(SignalView signals, EventStream output, CancellationToken stop)
    {
        bool isNews = false;
        signals.Look();
        while (!output.IsGone && await output.SendAsync(Signals, json => signals.Write(json, MaxSignals) > 0, stop)) isNews = true;
        return isNews;
    }

    private static TimeSpan ReadEvery(OperationArguments arguments)
    {
        if (arguments.TryText(Every) is not { } text) return TimeSpan.FromSeconds(Usual);
        return double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double seconds) && seconds is >= Shortest and <= Longest
            ? TimeSpan.FromSeconds(seconds)
            : throw OperationArguments.Wrong(Every, string.Create(CultureInfo.InvariantCulture, $"expected {Shortest} to {Longest} seconds"));
    }
}
