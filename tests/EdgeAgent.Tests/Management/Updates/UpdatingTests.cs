using EdgeAgent.Management.Updates;
using EdgeAgent.Tenancy;
using EdgeAgent.Tenancy.Documents;
using static EdgeAgent.Tests.Tenancy.TestDocuments;

namespace EdgeAgent.Tests.Management.Updates;

/// <summary>The agent's part of an update: taken by command, fetched, handed on when the vehicle stands, and told of.</summary>
public sealed class UpdatingTests : IAsyncDisposable
{
    private readonly UpdatedDevice _device = new();

    [Fact]
    public async Task It_is_fetched_handed_to_root_and_what_came_of_it_is_told_once()
    {
        await _device.StartAsync();
        var answer = await _device.CommandAsync("u1", UpdatedDevice.Manifest(), whileMoving: true);
        Assert.Equal("done", answer.GetProperty("status").GetString());
        Assert.Equal("99.0.0", answer.GetProperty("result").GetProperty("version").GetString());
        await _device.DeliverPackageAsync();
        await UpdatedDevice.UntilAsync(() => File.Exists(_device.State(UpdatePlaces.Request)), "a request for root");
        Assert.Equal(UpdatedDevice.Package, File.ReadAllText(_device.State(UpdatePlaces.Package)));
        Assert.Equal(UpdatedDevice.Manifest().Split('.')[1], UpdateRequest.FromUtf8(File.ReadAllBytes(_device.State(UpdatePlaces.Request))).Manifest.Split('.')[1]);
        await _device.RecordAsync("events/agent/update", record => record.GetProperty("status").GetString() == "started");
        await UpdatedDevice.UntilAsync(() => !_device.Broker.Subscriptions.Contains(Topics.Artifact(Tenant, UpdatedDevice.Digest)), "the end of the subscription");

        // Another run of the agent finds what root has left.
        await _device.StopAsync();
        WriteResult(1);
        await _device.StartAsync(isAssigned: false);
        var told = await _device.RecordAsync("events/agent/update", record => record.GetProperty("status").GetString() == "rolled-back");
        Assert.Equal(("0.1.0", "99.0.0", "it did not become ready"), (told.GetProperty("from").GetString(), told.GetProperty("to").GetString(), told.GetProperty("reason").GetString()));
        WriteResult(2);
        await UpdatedDevice.UntilAsync(() => _device.Records("events/agent/update").Count() > 1, "another result");
        Assert.Equal(2, _device.Records("events/agent/update").Count());
    }

    [Fact]
    public async Task It_waits_for_the_vehicle_to_stand_across_restarts_and_goes_with_the_tenant()
    {
        await _device.StartAsync();
        await _device.CommandAsync("u1", UpdatedDevice.Manifest());
        await _device.UntilLoggedAsync("waits: its package is being fetched");
        await _device.DeliverPackageAsync();
        await _device.UntilLoggedAsync("waits: no bus is captured that could say whether the vehicle stands");
        await _device.StopAsync();
        await _device.StartAsync(isAssigned: false);
        Assert.False(File.Exists(_device.State(UpdatePlaces.Request)));
        Assert.True(File.Exists(_device.State("update/wanted.json")));
        await _device.Broker.DeliverAsync(Topics.Assignment(Device), AssignmentDocument.Sign(Platform, Device, 4, new AssignedTenant(TenantId.Parse("bravo"), [Other.Public]), Handover.Deliver, null));
        await _device.UntilLoggedAsync("forgotten: the device has changed hands");
        await UpdatedDevice.UntilAsync(() => !File.Exists(_device.State("update/wanted.json")), "the end of the update");
    }

    [Fact]
    public async Task A_package_that_is_not_the_one_that_was_signed_ends_it()
    {
        await _device.StartAsync();
        await _device.CommandAsync("u1", UpdatedDevice.Manifest(), whileMoving: true);
        await _device.DeliverPackageAsync("another package");
        var told = await _device.RecordAsync("events/agent/update", record => record.GetProperty("status").GetString() == "refused");
        Assert.Contains("another digest", told.GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.False(File.Exists(_device.State("update/wanted.json")));
    }

    [Fact]
    public async Task What_must_not_be_installed_is_refused_at_once()
    {
        await _device.StartAsync();
        await RefusedAsync("a tenant's own key", UpdatedDevice.Manifest(Acme), "unknown-key");
        await RefusedAsync("no manifest", "x", "malformed");
        await RefusedAsync("an older version", UpdatedDevice.Manifest(version: "0.0.1"), "not-suitable");
        await RefusedAsync("another machine's", UpdatedDevice.Manifest(architecture: UpdateManifest.OwnArchitecture == "arm64" ? "amd64" : "arm64"), "not-suitable");
        await RefusedAsync("no way back", UpdatedDevice.Manifest(format: 2), "one-way");
        Assert.Equal("done", (await _device.CommandAsync("allowed", UpdatedDevice.Manifest(format: 2), oneWay: true)).GetProperty("status").GetString());
        Directory.Delete(_device.UpdateDirectory);
        await RefusedAsync("no service that installs", UpdatedDevice.Manifest(), "not-available");
    }

    public ValueTask DisposeAsync() => _device.DisposeAsync();

    private async Task RefusedAsync(string what, string manifest, string code)
    {
        var answer = await _device.CommandAsync(what.Replace(' ', '-').Replace("'", "", StringComparison.Ordinal), manifest);
        Assert.True(answer.TryGetProperty("error", out var error) && error.GetProperty("code").GetString() == code, $"{what}: {answer}");
    }

    private void WriteResult(long at) =>
        File.WriteAllBytes(Path.Combine(_device.UpdateDirectory, UpdatePlaces.Result), new UpdateResult(UpdateStatus.RolledBack, "0.1.0", "99.0.0", "it did not become ready", at).ToUtf8());
}
