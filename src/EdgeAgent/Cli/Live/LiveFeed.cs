using System.Net.ServerSentEvents;
using System.Text.Json.Nodes;
using EdgeAgent.Diagnostics.Local;

namespace EdgeAgent.Cli.Live;

/// <summary>Has the agent show status and signals as events, and hands on each as it comes.</summary>
/// <param name="socket">Where it serves; null for where it does by itself.</param>
/// <param name="query">Which signals; empty for all.</param>
internal sealed class LiveFeed(string? socket, string query)
{
    public const string Ended = "the agent has ended, or belongs to somebody else now";

    public const string StatusPath = "/v1/status";

    private const string SignalsPath = "/v1/signals";

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>Once, until the agent ends it.</summary>
    /// <param name="take">Called for one event at a time.</param>
    /// <param name="refused">Called if the status may be seen and signals may not, with the reason.</param>
    /// <param name="stop">Ends it, which is no error.</param>
    /// <exception cref="CommandException">The agent does not run, or refuses the status.</exception>
    public async Task ListenAsync(Action<SseItem<string>> take, Action<string> refused, CancellationToken stop)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var gate = new Lock();
        var status = FollowAsync(StatusPath, Take, end.Token);
        var signals = SignalsAsync(Take, refused, end.Token);
        try
        {
            // Of the two the status is what there always is.
            await status;
        }
        finally
        {
            await end.CancelAsync();
            await signals;
        }

        void Take(SseItem<string> item)
        {
            lock (gate) take(item);
        }
    }

    /// <summary>Again and again; while it does not work the model says why.</summary>
    public async Task FollowAsync(LiveModel model, TimeProvider time, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            string trouble = Ended;
            try
            {
                model.Refuse(null);
                await ListenAsync(item => Put(item, model), model.Refuse, stop);
            }
            catch (CommandException e)
            {
                trouble = e.Message;
            }
            model.Lose(trouble);
            await Task.Delay(Pause, time, stop).ContinueWith(_ => { }, TaskScheduler.Default);
        }
    }

    /// <summary>Puts what came into the model.</summary>
    public static void Put(SseItem<string> item, LiveModel model)
    {
        var data = JsonNode.Parse(item.Data);
        if (item.EventType == LocalEvents.Status && data is JsonObject status) model.Take(status);
        if (item.EventType == LocalEvents.Signals && data is JsonArray signals) model.Take(signals);
    }

    private async Task SignalsAsync(Action<SseItem<string>> take, Action<string> refused, CancellationToken stop)
    {
        try
        {
            await FollowAsync(SignalsPath + query, take, stop);
        }
        catch (CommandException e) when (!stop.IsCancellationRequested)
        {
            refused(e.Message);
        }
        catch (CommandException)
        {
            // The status has ended first and says why.
        }
    }

    private async Task FollowAsync(string path, Action<SseItem<string>> take, CancellationToken stop)
    {
        try
        {
            await foreach (var item in LocalClient.EventsAsync(socket, path, stop)) take(item);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException and not BrokenPipeException)
        {
            // Told to stop, or the agent has ended: whoever listens knows which.
        }
    }
}
