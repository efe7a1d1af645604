using EdgeAgent.Cli.Update;
using EdgeAgent.Management.Updates;
using EdgeAgent.Tenancy.Documents;
using Microsoft.Extensions.Time.Testing;
using static EdgeAgent.Tests.Tenancy.TestDocuments;

namespace EdgeAgent.Tests.Cli.Update;

public sealed class ActivationTests
{
    private readonly FakeSystem _system = new();
    private readonly FakeTimeProvider _time = new();
    private readonly List<string> _said = [];

    [Fact]
    public async Task What_becomes_well_stays()
    {
        var result = await RunAsync();
        Assert.Equal((UpdateStatus.Done, FakeSystem.Old, FakeSystem.New, null), (result!.Status, result.From, result.To, result.Reason));
        Assert.Equal((FakeSystem.New, true), (_system.Package, _system.IsClean));
        Assert.Equal([result], _system.Results);
        Assert.Null(await RunAsync());
    }

    public static TheoryData<string, string, string?> Unsuitable => new()
    {
        { "another's key", FakeSystem.RequestOf(FakeSystem.Manifest(Acme)), "not trusted here" },
        { "no manifest", FakeSystem.RequestOf("x"), "no compact JWS" },
        { "no request", "{}", "/tenant: missing" },
        { "another document of the platform's", FakeSystem.RequestOf(Assignment()), "expected 'edge-update+jws'" },
        { "another architecture", FakeSystem.RequestOf(FakeSystem.Manifest(architecture: UpdateManifest.OwnArchitecture == "arm64" ? "amd64" : "arm64")), "this machine is" },
        { "an older version", FakeSystem.RequestOf(FakeSystem.Manifest(version: "0.9.9")), "older than 1.0.0" },
        { "the same version", FakeSystem.RequestOf(FakeSystem.Manifest(version: "1.0.0")), "installed already" },
        { "another digest", FakeSystem.RequestOf(FakeSystem.Manifest(content: [1, 2, 4])), "has the digest" },
        { "a truncated package", FakeSystem.RequestOf(FakeSystem.Manifest(size: 4)), "has 3 bytes; its manifest says 4" },
        { "a longer package", FakeSystem.RequestOf(FakeSystem.Manifest(size: 2)), "more than 2 bytes" },
        { "a package of another version than its manifest", FakeSystem.RequestOf(FakeSystem.Manifest(version: "1.2.0")), "of version '1.1.0'" },
    };

    [Theory]
    [MemberData(nameof(Unsuitable))]
    public async Task What_is_not_right_is_refused_and_nothing_is_changed(string what, string request, string? reason)
    {
        _system.Request = request;
        var result = await RunAsync();
        Assert.Equal(UpdateStatus.Refused, result!.Status);
        Assert.True(result.Reason!.Contains(reason!, StringComparison.Ordinal), $"{what}: {result.Reason}");
        Assert.Equal((FakeSystem.Old, true), (_system.Package, _system.IsClean));
    }

    [Fact]
    public async Task A_store_that_the_new_version_could_not_read_is_left_to_the_old_one()
    {
        _system.StoreFormat = 2;
        Assert.Equal("it reads stores up to format 1, and this device's is of format 2", (await RunAsync())!.Reason);
    }

    [Theory]
    [InlineData("another-agent", FakeSystem.New, null, "'another-agent'")]
    [InlineData("edge-agent", FakeSystem.New, "all", "for 'all'")]
    public async Task A_release_that_was_made_wrongly_is_refused(string name, string version, string? architecture, string reason)
    {
        _system.Facts = new PackageFacts(name, version, architecture ?? UpdateManifest.OwnArchitecture);
        Assert.Contains(reason, (await RunAsync())!.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_older_version_is_installed_if_the_platform_has_allowed_it()
    {
        _system.Facts = _system.Facts with { Version = "0.9.0" };
        _system.Request = FakeSystem.RequestOf(FakeSystem.Manifest(version: "0.9.0", downgrade: true));
        Assert.Equal(UpdateStatus.Done, (await RunAsync())!.Status);
    }

    public static TheoryData<string, string> Unwell => new()
    {
        { "never", "it did not become ready within 60 s" },
        { "restarts", "it was started" },
        { "offline", "its broker did not come back within 60 s" },
    };

    [Theory]
    [MemberData(nameof(Unwell))]
    public async Task What_does_not_become_well_is_rolled_back(string how, string reason)
    {
        BeUnwell(how);
        var result = await RunAsync();
        Assert.Equal(UpdateStatus.RolledBack, result!.Status);
        Assert.StartsWith(reason, result.Reason, StringComparison.Ordinal);
        Assert.Equal((FakeSystem.Old, true), (_system.Package, _system.IsClean));
    }

    [Fact]
    public async Task Without_a_network_before_none_is_asked_for_after()
    {
        _system.Agent = (_, starts) => new ServiceReading(true, $"start {starts}", IsConnected: false);
        Assert.Equal(UpdateStatus.Done, (await RunAsync())!.Status);
    }

    [Fact]
    public async Task What_cannot_be_installed_is_rolled_back()
    {
        _system.CannotInstall = "dpkg: no space left on device";
        var result = await RunAsync();
        Assert.Equal((UpdateStatus.RolledBack, "it could not be installed: dpkg: no space left on device"), (result!.Status, result.Reason));
    }

    [Fact]
    public async Task Over_a_store_that_the_new_version_has_upgraded_there_is_no_way_back_and_that_is_said()
    {
        _system.Request = FakeSystem.RequestOf(FakeSystem.Manifest(format: 2));
        _system.Agent = (version, starts) =>
        {
            if (version == FakeSystem.New) _system.StoreFormat = 2;
            return new ServiceReading(version == FakeSystem.Old, $"start {starts}", true);
        };
        var result = await RunAsync();
        Assert.Equal(UpdateStatus.Failed, result!.Status);
        Assert.EndsWith("the store is of format 2 by now, which 1.0.0 cannot read: 1.1.0 stays; a newer version is needed", result.Reason, StringComparison.Ordinal);
        Assert.Equal((FakeSystem.New, true), (_system.Package, _system.IsClean));
    }

    /// <summary>Whatever the moment: in the end one of the two versions is installed as a whole, it is told once which, and nothing is left behind.</summary>
    [Theory]
    [InlineData("well")]
    [InlineData("never")]
    [InlineData("cannot be installed")]
    [InlineData("refused")]
    public async Task The_power_may_go_at_any_moment(string how)
    {
        int moments = 0;
        for (int cutAt = 0; ; cutAt++, moments++)
        {
            var system = new FakeSystem { CutAt = cutAt };
            BeUnwell(how, system);
            if (how == "cannot be installed") system.CannotInstall = "dpkg: error";
            if (how == "refused") system.Fetched = [9];
            bool wasCut = await IsCutAsync(system);
            system.CutAt = null;
            Assert.True(!await IsCutAsync(system), $"cut at {cutAt}");
            var result = Assert.Single(system.Results);
            Assert.Equal(how == "well" ? UpdateStatus.Done : how == "refused" ? UpdateStatus.Refused : UpdateStatus.RolledBack, result.Status);
            Assert.Equal((how == "well" ? FakeSystem.New : FakeSystem.Old, true), (system.Package, system.IsClean));
            if (!wasCut) break;
        }
        Assert.InRange(moments, 10, 40);
    }

    [Fact]
    public async Task What_is_interrupted_again_and_again_is_rolled_back()
    {
        _system.Agent = (version, starts) => version == FakeSystem.New ? throw new PowerCutException() : new ServiceReading(true, $"start {starts}", true);
        int cuts = 0;
        while (await IsCutAsync(_system)) cuts++;
        Assert.Equal(Activation.MaxInterruptions + 1, cuts);
        Assert.Equal("it was interrupted 4 times", Assert.Single(_system.Results).Reason);
        Assert.Equal(FakeSystem.Old, _system.Package);
    }

    [Fact]
    public async Task A_request_that_came_meanwhile_stays_for_the_next_time()
    {
        string later = FakeSystem.RequestOf(FakeSystem.Manifest(version: "1.2.0"));
        _system.Agent = (version, starts) =>
        {
            if (version == FakeSystem.New) _system.Request = later;
            return new ServiceReading(true, $"start {starts}", true);
        };
        await RunAsync();
        Assert.Equal(later, _system.Request);
    }

    private void BeUnwell(string how, FakeSystem? system = null) => (system ?? _system).Agent = how switch
    {
        "never" => (version, starts) => new ServiceReading(version == FakeSystem.Old, $"start {starts}", version == FakeSystem.Old),
        "offline" => (version, starts) => new ServiceReading(true, $"start {starts}", version == FakeSystem.Old),
        "restarts" => (version, starts) => new ServiceReading(true, version == FakeSystem.Old ? "old" : $"after {_time.GetUtcNow().Ticks / TimeSpan.FromSeconds(20).Ticks}", true),
        _ => null,
    };

    private async Task<bool> IsCutAsync(FakeSystem system)
    {
        try
        {
            await RunAsync(system);
            return false;
        }
        catch (PowerCutException)
        {
            return true;
        }
    }

    private async Task<UpdateResult?> RunAsync(FakeSystem? system = null)
    {
        var running = new Activation(system ?? _system, _time, _said.Add).RunAsync(CancellationToken.None);
        while (!running.IsCompleted) _time.Advance(Activation.LookInterval);
        return await running;
    }
}
