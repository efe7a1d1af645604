using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeAgent.Tenancy;
using Microsoft.Extensions.Logging;

namespace EdgeAgent.Outbox;

/// <summary>
/// Hands out sequence numbers that never come twice for one device, tenant and epoch, whatever happens to the device. Numbers are
/// reserved on the disk in blocks before any of them leaves; a proper stop gives back the rest of the block, and a power cut skips it.
/// </summary>
internal sealed class SequenceNumbers
{
    /// <summary>One small write to the disk for so many samples.</summary>
    public const int BlockSize = 1 << 16;

    private readonly IDisk _disk;
    private readonly string _path;
    private readonly SequenceState _was;
    private long _reserved;

    private SequenceNumbers(IDisk disk, string path, SequenceState was)
    {
        _disk = disk;
        _path = path;
        _was = was;
        First = was.Next;
        _reserved = was.Next - 1;
    }

    /// <summary>The first number of this run.</summary>
    public long First { get; }

    /// <exception cref="InvalidDataException">The file is not ours. Numbers must not repeat, so nothing is guessed.</exception>
    public static SequenceNumbers Open(IDisk disk, Assignment assignment, ILogger logger)
    {
        string path = $"tenants/{assignment.Tenant}/sequence-{assignment.Device}-{assignment.Epoch}.json";
        var was = Load(disk, path) ?? new SequenceState(1, 1, Stopped: true);
        if (!was.Stopped) OutboxLog.NumbersSkipped(logger, assignment.Tenant, assignment.Epoch, was.From, was.Next);
        return new SequenceNumbers(disk, path, was);
    }

    /// <summary>Makes sure that all numbers up to this one are reserved on the disk. Returns at once if they are.</summary>
    /// <exception cref="IOException">The disk cannot be written; the number must not leave.</exception>
    public void Reserve(long last)
    {
        if (last <= _reserved) return;
        long next = last + BlockSize;
        // If this run breaks off, any number since its start may be missing at the other end.
        Save(new SequenceState(next, First, Stopped: false));
        _reserved = next - 1;
    }

    /// <summary>A proper stop: all numbers below <paramref name="next"/> are accounted for and the next run goes on there.</summary>
    public void Stop(long next)
    {
        if (next != _was.Next || !_was.Stopped || _reserved >= First) Save(new SequenceState(next, next, Stopped: true));
    }

    private void Save(SequenceState state) =>
        _disk.Replace(_path, JsonSerializer.SerializeToUtf8Bytes(state, SequenceStateContext.Default.SequenceState));

    private static SequenceState? Load(IDisk disk, string path)
    {
        if (disk.TryRead(path) is not { } content) return null;
        try
        {
            if (JsonSerializer.Deserialize(content, SequenceStateContext.Default.SequenceState) is { Next: >= 1 } state) return state;
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{path}: damaged: {e.Message}; restore it, or have the device assigned anew with a larger epoch", e);
        }
        throw new InvalidDataException($"{path}: damaged: 'next' is below 1; restore it, or have the device assigned anew with a larger epoch");
    }
}

/// <param name="Next">The next number that nobody has used.</param>
/// <param name="From">Where the run began that wrote this.</param>
/// <param name="Stopped">False while that run goes on, and for ever if it broke off.</param>
internal sealed record SequenceState(long Next, long From, bool Stopped);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(SequenceState))]
internal sealed partial class SequenceStateContext : JsonSerializerContext;
