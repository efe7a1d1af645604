using System.Text.Json;
using EdgeAgent.Tenancy;

namespace EdgeAgent.Simulation.Tests.Agents;

/// <summary>What the device says of its assignment and configuration: nothing that was never signed, and nothing that goes back.</summary>
internal sealed class ReportedStates
{
    /// <summary>A bad configuration is rolled back within ten seconds; its report may take one more, and the simulation looks now and then.</summary>
    private static readonly TimeSpan RolledBackWithin = TimeSpan.FromSeconds(12);

    private readonly Dictionary<TenantId, (long Wide, long Overlay)> _tried = [];
    private (TenantId Tenant, long Wide, long Overlay, TimeSpan Since)? _badTrial;
    private long _epoch;

    /// <summary>Configurations that were tried.</summary>
    public int Trials { get; private set; }

    public int RolledBack { get; private set; }

    public int Refused { get; private set; }

    public int Applied { get; private set; }

    /// <summary>The run broke off, or the broker was away: how long something took does not show any more.</summary>
    public void Interrupt() => _badTrial = null;

    public void Check(JsonElement state, SimulatedCloud cloud, TimeSpan now)
    {
        var tenant = TenantId.Parse(state.GetProperty("tenant").GetString()!);
        if (!state.TryGetProperty("epoch", out var given)) return;
        long epoch = given.GetInt64();
        Promise.That(cloud.Assignments.TryGetValue(epoch, out var issued) && issued.Tenant == tenant, $"the device says that it belongs to {tenant} since epoch {epoch}, which nobody has signed");
        Promise.That(epoch >= _epoch, $"the device goes back from epoch {_epoch} to {epoch}");
        _epoch = epoch;
        var configuration = state.GetProperty("configuration");
        var account = cloud.Account(tenant);
        var inForce = Versions(configuration, account);
        string status = configuration.GetProperty("status").GetString()!;
        if (status == "trial") Try(account, inForce, now);
        else _badTrial = null;
        if (status is "rolled-back" or "refused")
        {
            var refused = configuration.GetProperty("refused");
            var versions = Versions(refused, account);
            Promise.That(refused.GetProperty("mistakes").GetArrayLength() > 0, $"{tenant} {versions}: {status} without a reason");
            if (status == "rolled-back") RolledBack++;
            else Refused++;
        }
        if (status == "applied") Applied++;
    }

    /// <summary>To be called as time passes.</summary>
    public void Pass(TimeSpan now)
    {
        if (_badTrial is { } bad)
            Promise.That(now - bad.Since <= RolledBackWithin, $"{bad.Tenant}: configuration {bad.Wide}/{bad.Overlay} is on trial since {bad.Since} and cannot work");
    }

    private void Try(TenantAccount account, (long Wide, long Overlay) versions, TimeSpan now)
    {
        var before = _tried.GetValueOrDefault(account.Id);
        // After another assignment it begins with nothing.
        Promise.That((versions.Wide == 0 || versions.Wide >= before.Wide) && (versions.Overlay == 0 || versions.Overlay >= before.Overlay), $"{account.Id}: the device goes back from configuration {before} to {versions}");
        if (versions == before) return;
        Trials++;
        _tried[account.Id] = (Math.Max(before.Wide, versions.Wide), Math.Max(before.Overlay, versions.Overlay));
        var kind = SimulatedCloud.KindOf(account.Issued.GetValueOrDefault((false, versions.Wide)), account.Issued.GetValueOrDefault((true, versions.Overlay)));
        Promise.That(kind != LayerKind.Mistaken, $"{account.Id}: the device tries configuration {versions}, which is mistaken");
        _badTrial = kind == LayerKind.NeverOpens ? (account.Id, versions.Wide, versions.Overlay, now) : null;
    }

    private static (long Wide, long Overlay) Versions(JsonElement json, TenantAccount account)
    {
        long wide = json.TryGetProperty("tenantVersion", out var tenant) ? tenant.GetInt64() : 0, overlay = json.TryGetProperty("deviceVersion", out var device) ? device.GetInt64() : 0;
        Promise.That(wide == 0 || account.Issued.ContainsKey((false, wide)), $"{account.Id}: the device names configuration {wide}, which nobody has signed");
        Promise.That(overlay == 0 || account.Issued.ContainsKey((true, overlay)), $"{account.Id}: the device names overlay {overlay}, which nobody has signed");
        return (wide, overlay);
    }
}
