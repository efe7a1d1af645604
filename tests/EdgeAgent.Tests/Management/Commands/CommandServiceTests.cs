using System.Text.Json.Nodes;
using EdgeAgent.Capture;
using EdgeAgent.Management.Commands;
using EdgeAgent.Tenancy;
using EdgeAgent.Tenancy.Access;
using Microsoft.Extensions.Logging.Abstractions;
using static EdgeAgent.Tests.Tenancy.TestDocuments;

namespace EdgeAgent.Tests.Management.Commands;

/// <summary>Local users, while the device comes and goes.</summary>
public sealed class CommandServiceTests : IDisposable
{
    private static readonly Principal Root = new Principal.LocalUser(0, "root", []), Mia = new Principal.LocalUser(1000, "mia", []);

    private readonly FakeDevice _device = new();
    private readonly FakeOperation _endless = new(Operation.CollectSupportBundle, async (_, stop) =>
    {
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop);
        return [];
    });

    private readonly CommandService _service;

    public CommandServiceTests() => _service = new CommandService(
        records => [new PingOperation(TimeProvider.System), _endless, .. records is null ? [] : (IOperation[])[new FakeOperation(Operation.RecordCan, (_, _) => Task.FromResult(new JsonObject()))]],
        _device, ThreadWorkers.Instance, (_, task) => task, TimeProvider.System, NullLogger.Instance);

    public void Dispose() => _service.Dispose();

    [Fact]
    public async Task Root_of_a_device_of_nobody_may_do_what_needs_no_tenant_and_loses_that_with_the_assignment()
    {
        _service.ServeNobody();
        Assert.Equal(OperationStatus.Done, (await Ask(Root, "ping")).Status);
        Assert.Equal("not-permitted", (await Ask(Mia, "ping")).Code);
        Assert.Equal("not-available", (await Ask(Root, "can.record")).Code);
        Assert.Empty(_device.Audit);

        await _service.StopAsync();
        Assert.Equal(OperationStatus.Interrupted, (await Ask(Root, "ping")).Status);

        Serve();
        Assert.Equal("not-permitted", (await Ask(Root, "ping")).Code);
        Assert.Equal(OperationStatus.Done, (await Ask(Mia, "can.record")).Status);
        Assert.Equal(["refused", "executed"], _device.Audit.Select(entry => entry["decision"]!.GetValue<string>()));
        await _service.StopAsync();
    }

    [Fact]
    public async Task What_is_begun_for_one_tenant_ends_with_its_assignment()
    {
        Serve();
        var asked = Ask(Mia, "support-bundle");
        await Eventually.TrueAsync(() => _endless.Runs == 1);
        await _service.StopAsync();
        Assert.True(asked.IsCompleted);
        Assert.Equal(OperationStatus.Interrupted, (await asked).Status);
    }

    [Fact]
    public async Task Who_looks_on_sees_nothing_of_the_next_tenant_nor_what_he_may_no_longer_see()
    {
        Func<bool>? isPermitted = null;
        var begun = new TaskCompletionSource();
        Serve();
        var watching = _service.WatchLocalAsync(Mia, Operation.RecordCan, (permitted, stop) =>
        {
            isPermitted = permitted;
            begun.SetResult();
            return Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop);
        }, TestContext.Current.CancellationToken);
        await begun.Task;
        Assert.True(isPermitted!());
        _service.SetPolicy(AccessPolicy.Of(AcmeRing, AccessRules.None));
        Assert.False(isPermitted!());
        await _service.StopAsync();
        Assert.Equal(OperationStatus.Interrupted, (await watching).Status);
        Assert.Single(_device.Audit);
    }

    private void Serve() => _service.Serve(new Assignment(Device, Tenant, new Epoch(1)), _device, AccessPolicy.Of(AcmeRing, AccessRules.Read(JsonOf("""{"users":{"mia":"technician"}}"""), "", [])));

    private Task<OperationOutcome> Ask(Principal principal, string operation) => _service.ExecuteLocalAsync(principal, operation, JsonOf("{}"), TestContext.Current.CancellationToken);
}
