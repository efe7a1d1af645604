namespace EdgeAgent.Can.SocketCan;

/// <summary>
/// Finds a bus's bit rate by listening at one after another. The controller only listens meanwhile: it sends nothing, not even an acknowledgement
/// or an error flag, so that a bus in operation does not notice. Afterwards it is set up as it was before. Needs CAP_NET_ADMIN.
/// </summary>
public static class BitRateSearch
{
    /// <summary>What vehicles use, the most common first: cars, trucks, comfort buses, and then what is rare (GMLAN and others).</summary>
    public static readonly IReadOnlyList<int> CommonRates = [500_000, 250_000, 125_000, 1_000_000, 800_000, 100_000, 83_333, 50_000, 33_333, 20_000, 10_000];

    /// <summary>Listens at each bit rate until one is sure.</summary>
    /// <param name="interfaceName">An interface with a controller.</param>
    /// <param name="bitRates">Which to try, in bit/s.</param>
    /// <param name="window">How long to listen at each, at most.</param>
    /// <param name="tried">Is told of each that was tried, in that order.</param>
    /// <param name="time">The clock.</param>
    /// <param name="stop">Ends the search.</param>
    /// <returns>The sure one, or else the one with the most frames among the likely; null if there is none.</returns>
    /// <exception cref="CanSourceException">There is no such interface, it has no controller or one that cannot only listen, or it is not permitted; the interface is as it was.</exception>
    /// <exception cref="OperationCanceledException">It was stopped; the interface is as it was.</exception>
    public static BitRateTrial? Run(string interfaceName, IEnumerable<int> bitRates, TimeSpan window, Action<BitRateTrial> tried, TimeProvider time, CancellationToken stop)
    {
        var before = CanLinkInfo.Read(interfaceName);
        if (before.Kind != "can") throw new CanSourceException(CanSourceFault.Other, $"{interfaceName} has no controller ({(before.Kind.Length > 0 ? before.Kind : "no CAN")}), and so no bit rate");
        BitRateTrial? best = null;
        CanLinkControl.SetUp(interfaceName, false);
        try
        {
            CanLinkControl.Configure(interfaceName, new CanLinkSettings().With(CanControllerModes.ListenOnly, true));
            ReportErrors(interfaceName);
            foreach (int bitRate in bitRates)
            {
                var trial = Try(interfaceName, bitRate, window, time, stop);
                tried(trial);
                if (trial.IsLikely && trial.Frames > (best?.Frames ?? 0)) best = trial;
                if (trial.IsSure) return trial;
            }
            return best;
        }
        finally
        {
            Restore(interfaceName, before);
        }
    }

    /// <summary>Without it some controllers tell of errors only by their counters, which stand still while they only listen.</summary>
    private static void ReportErrors(string interfaceName)
    {
        try
        {
            CanLinkControl.Configure(interfaceName, new CanLinkSettings().With(CanControllerModes.ErrorReporting, true));
        }
        catch (CanSourceException e) when (e.Fault == CanSourceFault.Other)
        {
            // Its driver has no such mode, and reports errors as it does.
        }
    }

    private static BitRateTrial Try(string interfaceName, int bitRate, TimeSpan window, TimeProvider time, CancellationToken stop)
    {
        try
        {
            CanLinkControl.Configure(interfaceName, new CanLinkSettings { BitTiming = new CanBitTiming(bitRate, 0) });
            CanLinkControl.SetUp(interfaceName, true);
        }
        catch (CanSourceException e) when (e.Fault == CanSourceFault.Other)
        {
            return new BitRateTrial(bitRate, 0, 0, TimeSpan.Zero, e.Message);
        }
        try
        {
            if (!CanLinkInfo.Read(interfaceName).IsListenOnly) throw new CanSourceException(CanSourceFault.Other, $"{interfaceName} does not only listen though it was told to, so it is not used on a bus");
            return Listen(interfaceName, bitRate, window, time, stop);
        }
        finally
        {
            CanLinkControl.SetUp(interfaceName, false);
        }
    }

    private static BitRateTrial Listen(string interfaceName, int bitRate, TimeSpan window, TimeProvider time, CancellationToken stop)
    {
        using var socket = CanSocket.Open(interfaceName, new CanSocketOptions { ListenOnly = true });
        using var batch = new FrameBatch();
        var heard = new BitRateTrial(bitRate, 0, 0, TimeSpan.Zero);
        for (long begun = time.GetTimestamp(); heard.Time < window && !heard.IsDecided;)
        {
            stop.ThrowIfCancellationRequested();
            if (socket.Read(batch) == ReadOutcome.Lost) throw socket.Fault!;
            int errors = 0;
            for (int i = 0; i < batch.Count; i++) errors += batch[i].IsError ? 1 : 0;
            heard = heard with { Frames = heard.Frames + batch.Count - errors, Errors = heard.Errors + errors, Time = time.GetElapsedTime(begun) };
        }
        return heard;
    }

    /// <summary>A bit rate that was never set cannot be taken away again: then the interface stays down with the last one that was tried.</summary>
    private static void Restore(string interfaceName, CanLinkInfo before)
    {
        CanLinkControl.SetUp(interfaceName, false);
        CanLinkControl.Configure(interfaceName, new CanLinkSettings { BitTiming = before.BitTiming }.With(CanControllerModes.ListenOnly, before.IsListenOnly));
        if (CanLinkInfo.Read(interfaceName).Modes.HasFlag(CanControllerModes.ErrorReporting) != before.Modes.HasFlag(CanControllerModes.ErrorReporting))
            CanLinkControl.Configure(interfaceName, new CanLinkSettings().With(CanControllerModes.ErrorReporting, before.Modes.HasFlag(CanControllerModes.ErrorReporting)));
        if (before.IsUp) CanLinkControl.SetUp(interfaceName, true);
    }
}
