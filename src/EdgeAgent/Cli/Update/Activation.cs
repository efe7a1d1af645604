using System.Globalization;
using System.Text;
using EdgeAgent.Management.Configuration;
using EdgeAgent.Management.Updates;
using EdgeAgent.Outbox;
using EdgeAgent.Tenancy;
using EdgeAgent.Tenancy.Documents;

namespace EdgeAgent.Cli.Update;

/// <summary>
/// Brings an update about, as root: verifies it, trusting nothing that the agent says, makes a way back, installs it, watches it, and installs what was there
/// before if it does not become well. Where it is, is on the disk before each step, so that after a power cut it goes on there.
/// </summary>
/// <param name="system">The machine.</param>
/// <param name="time">The clock.</param>
/// <param name="say">Takes a line for the journal.</param>
internal sealed class Activation(IUpdateSystem system, TimeProvider time, Action<string> say)
{
    /// <summary>How often an update may be interrupted before it is held to be the cause, and how often a way back is tried.</summary>
    public const int MaxInterruptions = 3, MaxReturns = 10;

    public static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);

    /// <summary>Does what there is to do.</summary>
    /// <returns>Null if nothing was asked for.</returns>
    /// <exception cref="UpdateException">The way back could not be gone; to be tried again.</exception>
    /// <exception cref="OperationCanceledException">It was told to stop, and goes on when it is run again.</exception>
    public async Task<UpdateResult?> RunAsync(CancellationToken stop)
    {
        if (Begin() is not { } state) return null;
        system.DropRequest(state.Request);
        while (state.Phase != ActivationPhase.Ended)
        {
            stop.ThrowIfCancellationRequested();
            state = state.Phase switch
            {
                ActivationPhase.Installing => Install(state),
                ActivationPhase.Watching => await WatchAsync(state, stop),
                _ => RollBack(state),
            };
            system.Save(state);
        }
        system.Report(state.Result!);
        system.Clear();
        return state.Result;
    }

    private ActivationState? Begin()
    {
        if (system.Load() is { } begun)
        {
            var again = begun with { Attempts = begun.Attempts + 1 };
            bool isForward = begun.Phase is ActivationPhase.Installing or ActivationPhase.Watching;
            if (isForward && again.Attempts > MaxInterruptions) again = Back(again, $"it was interrupted {again.Attempts} times");
            if (begun.Phase == ActivationPhase.RollingBack && again.Attempts > MaxReturns) again = End(again, UpdateStatus.Failed, $"{again.Reason}; {again.From} could not be installed again");
            say($"update to {begun.To}: goes on after an interruption");
            system.Save(again);
            return again;
        }
        if (system.ReadRequest() is not { } request) return null;
        var state = Prepare(request);
        system.Save(state);
        return state;
    }

    /// <summary>Verifies what is asked for. Nothing has been changed when it returns.</summary>
    private ActivationState Prepare(string request)
    {
        var installed = system.Installed;
        var state = new ActivationState
        {
            Phase = ActivationPhase.Installing,
            Request = request,
            From = installed.ToString(),
            To = null,
            StoreFormat = StoreFormat.Current,
            Health = TimeSpan.Zero,
            WasConnected = system.LookAtService().IsConnected,
        };
        try
        {
            string text = UpdateRequest.FromUtf8(Encoding.UTF8.GetBytes(request)).Manifest;
            var manifest = UpdateManifest.Open(Encoding.UTF8.GetBytes(text), system.ReleaseKeys);
            state = state with { To = manifest.Version.ToString(), Health = manifest.Health };
            // Nobody takes a package apart that the platform has not signed.
            string? obstacle = manifest.ObstacleOver(installed, UpdateManifest.OwnArchitecture, system.StoreFormat)
                ?? Difference(manifest, system.TakePackage(manifest.Size)) ?? Difference(manifest, system.DescribePackage());
            if (obstacle is not null) return End(state, UpdateStatus.Refused, obstacle);
            system.KeepInstalled();
        }
        catch (Exception e) when (e is UpdateException or DocumentException || FileTrouble.Is(e))
        {
            return End(state, UpdateStatus.Refused, e.Message);
        }
        say($"update from {state.From} to {state.To}: verified");
        return state;
    }

    private static string? Difference(UpdateManifest manifest, (long Size, Sha256Digest Digest) package) =>
        package.Size != manifest.Size ? $"the package has {package.Size} bytes; its manifest says {manifest.Size}"
        : package.Digest != manifest.Digest ? $"the package has the digest {package.Digest}; its manifest says {manifest.Digest}"
        : null;

    /// <summary>A release that was made wrongly.</summary>
    private static string? Difference(UpdateManifest manifest, PackageFacts package) =>
        package.Name != UpdateManifest.Package ? $"the package is {Quoted.Of(package.Name)}, and not {UpdateManifest.Package}"
        : package.Version != manifest.Version.ToString() ? $"the package is of version {Quoted.Of(package.Version)}; its manifest says {manifest.Version}"
        : package.Architecture != manifest.Architecture ? $"the package is for {Quoted.Of(package.Architecture)}; its manifest says {manifest.Architecture}"
        : null;

    private ActivationState Install(ActivationState state)
    {
        try
        {
            system.Install(Slot.New);
        }
        catch (UpdateException e)
        {
            return Back(state, $"it could not be installed: {e.Message}");
        }
        say($"update to {state.To}: installed; watched for {state.Health.TotalSeconds:0} s");
        return state with { Phase = ActivationPhase.Watching };
    }

    /// <summary>It is well when it has been up for half of the time without a new start, with its broker if that was there before.</summary>
    private async Task<ActivationState> WatchAsync(ActivationState state, CancellationToken stop)
    {
        long begun = time.GetTimestamp();
        long? well = null;
        string? invocation = null;
        int starts = 0;
        ServiceReading now;
        do
        {
            now = system.LookAtService();
            if (now.Invocation != invocation) (invocation, well, starts) = (now.Invocation, null, starts + 1);
            bool isWell = now.IsActive && (now.IsConnected || !state.WasConnected);
            well = isWell ? well ?? time.GetTimestamp() : null;
            if (well is { } since && time.GetElapsedTime(since) >= state.Health / 2) return End(state, UpdateStatus.Done, reason: null);
            await Task.Delay(LookInterval, time, stop);
        }
        while (time.GetElapsedTime(begun) < state.Health);
        string trouble = starts > 2 ? $"it was started {starts} times" : !now.IsActive ? "it did not become ready" : !now.IsConnected && state.WasConnected ? "its broker did not come back" : "it was not up for long enough";
        return Back(state, string.Create(CultureInfo.InvariantCulture, $"{trouble} within {state.Health.TotalSeconds:0} s"));
    }

    private ActivationState Back(ActivationState state, string reason)
    {
        say($"update to {state.To}: {reason}; back to {state.From}");
        return state with { Phase = ActivationPhase.RollingBack, Reason = Quoted.Line(reason), Attempts = 0 };
    }

    private ActivationState RollBack(ActivationState state)
    {
        // Numbers that are given out twice would be worse than an agent that does not run.
        if (system.StoreFormat is var format && format > state.StoreFormat)
            return End(state, UpdateStatus.Failed, $"{state.Reason}; the store is of format {format} by now, which {state.From} cannot read: {state.To} stays; a newer version is needed");
        system.Install(Slot.Old);
        return End(state, UpdateStatus.RolledBack, state.Reason);
    }

    private ActivationState End(ActivationState state, UpdateStatus status, string? reason)
    {
        string? why = reason is null ? null : Quoted.Line(reason);
        say($"update to {state.To ?? "another version"}: {UpdateResult.Name(status)}{(why is null ? "" : $": {why}")}");
        return state with { Phase = ActivationPhase.Ended, Result = new UpdateResult(status, state.From, state.To, why, time.GetUtcNow().ToUnixTimeMilliseconds()) };
    }
}
