using System.Globalization;

namespace EdgeAgent.Demo.Views;

/// <summary>A line a second and one for each event, for pipes and plain terminals.</summary>
internal sealed class PlainView(TextWriter output, TimeProvider time) : IDriveView
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private int _eventsShown;

    public static bool IsNeeded => Console.IsOutputRedirected || Environment.GetEnvironmentVariable("TERM") is null or "" or "dumb";

    public async Task<T> ShowAsync<T>(Drive drive, Func<CancellationToken, Task<T>> work, CancellationToken stop)
    {
        output.WriteLine("  time  frames  samples  dropped  buffered  delivered  received  broker        km/h");
        var working = work(stop);
        using var timer = new PeriodicTimer(Interval, time);
        while (!working.IsCompleted)
        {
            ShowEvents(drive);
            if (drive.Elapsed > TimeSpan.Zero) ShowLine(drive);
            await Task.WhenAny(working, timer.WaitForNextTickAsync(CancellationToken.None).AsTask());
        }
        ShowEvents(drive);
        return await working;
    }

    private void ShowLine(Drive drive)
    {
        var status = drive.Status;
        string broker = drive.BackIn is { } back ? $"cut, {Math.Ceiling(back.TotalSeconds):0} s more" : status.BrokerIsConnected ? "connected" : "away";
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{drive.Elapsed.TotalSeconds,4:0} s{status.Frames,8}{status.Samples,9}{status.Dropped,9}{status.Buffered,10}{status.Delivered,11}{drive.Ledger.Received,10}  {broker,-13}{Speed(drive),5}"));
    }

    private void ShowEvents(Drive drive)
    {
        var events = drive.Events;
        foreach (var e in events.Skip(_eventsShown)) output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{e.At.TotalSeconds,4:0} s  -- {e.Text}"));
        _eventsShown = events.Count;
    }

    /// <summary>As the tenant last heard it.</summary>
    private static string Speed(Drive drive) => drive.Ledger.Latest($"{Recording.Bus}/Motion/VehicleSpeed") is { } speed ? speed.Value.ToString("0.0", CultureInfo.InvariantCulture) : "-";
}
