using System.Text;
using EdgeAgent.Capture;
using EdgeAgent.Management;
using EdgeAgent.Outbox;
using EdgeAgent.Tenancy;
using Microsoft.Extensions.Logging;

namespace EdgeAgent.Diagnostics;

/// <summary>
/// Tells the tenant which vehicle a bus is of: <c>vehicle/vin/read</c> the first time, <c>vehicle/vin/changed</c> when it is another one than before,
/// also than before a restart. On the disk are digests alone, and those of this tenant alone count: who has the device next learns nothing of
/// the vehicles of the one before. Called regularly, by one thread.
/// </summary>
internal sealed class VinWatch
{
    /// <summary>The name of the file.</summary>
    public const string Path = "vehicle";

    private readonly TenantId _tenant;
    private readonly TwinFile _file;
    private readonly Action<Channel, ReadOnlyMemory<byte>> _record;
    private readonly ILogger _logger;
    private readonly SortedDictionary<string, string> _known = new(StringComparer.Ordinal);

    /// <param name="disk">Where digests are kept.</param>
    /// <param name="tenant">Whom the device belongs to.</param>
    /// <param name="record">Takes an event's members.</param>
    /// <param name="logger">The journal.</param>
    public VinWatch(IDisk disk, TenantId tenant, Action<Channel, ReadOnlyMemory<byte>> record, ILogger logger)
    {
        (_tenant, _record, _logger) = (tenant, record, logger);
        _file = TwinFile.Open(disk, Path);
        string[] lines = _file.Content is { } content ? Encoding.UTF8.GetString(content).Split('\n', StringSplitOptions.RemoveEmptyEntries) : [];
        if (lines.Length == 0 || lines[0] != tenant.ToString()) return;
        foreach (string line in lines.Skip(1))
        {
            if (line.Split(' ') is [var bus, var digest]) _known[bus] = digest;
        }
    }

    /// <summary>Looks at all buses.</summary>
    /// <param name="vins">What was read last on each; null for nothing.</param>
    public void Step(IReadOnlyList<(BusName Bus, string? Vin)> vins)
    {
        foreach (var (bus, read) in vins)
        {
            if (read is not { } vin) continue;
            string digest = Sha256Digest.Of(Encoding.ASCII.GetBytes(vin)).ToString();
            string? previous = _known.GetValueOrDefault(bus.ToString());
            if (previous == digest) continue;
            _known[bus.ToString()] = digest;
            _record(Channel.Event(previous is null ? "vehicle/vin/read" : "vehicle/vin/changed"), JsonMembers.Of(json =>
            {
                json.WriteString("bus"u8, bus.ToString());
                json.WriteString("vin"u8, vin);
                json.WriteString("digest"u8, digest);
                if (previous is not null) json.WriteString("previousDigest"u8, previous);
            }));
            if (previous is not null) DiagnosticsLog.VehicleIsAnother(_logger, bus);
            Save();
        }
    }

    private void Save()
    {
        try
        {
            _file.Write(Encoding.UTF8.GetBytes($"{_tenant}\n{string.Join('\n', _known.Select(known => $"{known.Key} {known.Value}"))}\n"));
        }
        catch (IOException e)
        {
            DiagnosticsLog.VehicleIsNotKept(_logger, e.Message); // after a restart the same vehicle is told of again
        }
    }
}
