using System.Text;
using EdgeAgent.Capture;
using EdgeAgent.Diagnostics;
using EdgeAgent.Outbox;
using EdgeAgent.Tenancy;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeAgent.Tests.Diagnostics;

public sealed class VinWatchTests : IDisposable
{
    private const string First = "WEA22Z0SXMV000001", Second = "WEA22Z0SXMV000002";

    private static readonly BusName Bus = BusName.Parse("can0");

    private readonly TestDirectory _directory = new();
    private readonly List<string> _events = [];

    [Fact]
    public void A_vehicle_is_told_of_once_and_another_one_also_after_a_restart()
    {
        using (var disk = DirectoryDisk.OpenRoot(_directory.Path))
        {
            var watch = Watch(disk, "acme");
            watch.Step([(Bus, null)]);
            watch.Step([(Bus, First)]);
            watch.Step([(Bus, First)]);
        }
        Assert.Equal([$"events/vehicle/vin/read \"bus\":\"can0\",\"vin\":\"{First}\",\"digest\":\"{DigestOf(First)}\""], _events);
        Assert.DoesNotContain(First, string.Concat(Directory.GetFiles(_directory.Path, VinWatch.Path + ".*").Select(file => Encoding.Latin1.GetString(File.ReadAllBytes(file)))), StringComparison.Ordinal);
        _events.Clear();
        using (var disk = DirectoryDisk.OpenRoot(_directory.Path))
        {
            var watch = Watch(disk, "acme");
            watch.Step([(Bus, First)]);
            Assert.Empty(_events);
            watch.Step([(Bus, Second)]);
        }
        Assert.Equal([$"events/vehicle/vin/changed \"bus\":\"can0\",\"vin\":\"{Second}\",\"digest\":\"{DigestOf(Second)}\",\"previousDigest\":\"{DigestOf(First)}\""], _events);
    }

    [Fact]
    public void Another_tenant_learns_nothing_of_the_vehicle_before()
    {
        using var disk = DirectoryDisk.OpenRoot(_directory.Path);
        Watch(disk, "acme").Step([(Bus, First)]);
        _events.Clear();
        Watch(disk, "globex").Step([(Bus, Second)]);
        Assert.StartsWith("events/vehicle/vin/read ", Assert.Single(_events), StringComparison.Ordinal);
        Assert.DoesNotContain(DigestOf(First), _events[0], StringComparison.Ordinal);
    }

    public void Dispose() => _directory.Dispose();

    private VinWatch Watch(IDisk disk, string tenant) =>
        new(disk, TenantId.Parse(tenant), (channel, members) => _events.Add($"{channel} {Encoding.UTF8.GetString(members.Span)}"), NullLogger.Instance);

    private static string DigestOf(string vin) => Sha256Digest.Of(Encoding.ASCII.GetBytes(vin)).ToString();
}
