using EdgeAgent.Tenancy;

namespace EdgeAgent.Publishing;

/// <summary>The fields of one SenML record that matter here; null if they are not there.</summary>
internal record struct SenMlRecord
{
    public string? BaseName { get; set; }

    public long? BaseTimeNs { get; set; }

    public string? Tenant { get; set; }

    public long? Epoch { get; set; }

    public Guid? Boot { get; set; }

    public long? Sequence { get; set; }

    public string? Clock { get; set; }

    public string? Name { get; set; }

    /// <summary>One that SenML has registered, or else the DBC file's.</summary>
    public string? Unit { get; set; }

    public long? TimeNs { get; set; }

    public double? Value { get; set; }
}

/// <summary>Puts the records of a pack together, whichever way they were written.</summary>
internal sealed class SenMlPack
{
    /// <summary>The most records of a pack.</summary>
    public const int MaxRecords = 1 << 16;

    private readonly List<DecodedSample> _samples = [];
    private readonly Dictionary<string, (string Name, string? Unit)> _signals = [];
    private SenMlRecord _first;

    /// <exception cref="InvalidDataException">It is not as this agent writes them.</exception>
    public void Add(in SenMlRecord record)
    {
        if (_samples.Count == 0) _first = record;
        if (_samples.Count == MaxRecords) throw new InvalidDataException($"The pack has more than {MaxRecords} records.");
        if (record.Name is not { } name) throw new InvalidDataException($"Record {_samples.Count} has no name.");
        if (record.Value is not { } value) throw new InvalidDataException($"Record {_samples.Count} has no number.");
        // A unit of its own is said once and then known.
        if (!_signals.TryGetValue(name, out var signal)) _signals.Add(name, signal = (name, record.Unit));
        long time = unchecked((_first.BaseTimeNs ?? 0) + (record.TimeNs ?? 0));
        _samples.Add(new DecodedSample(unchecked((_first.Sequence ?? 0) + _samples.Count), time, signal.Name, signal.Unit, value));
    }

    /// <exception cref="InvalidDataException">It has no records, or the first has no stamp.</exception>
    public DecodedPayload ToPayload()
    {
        if (_samples.Count == 0) throw new InvalidDataException("The pack is empty.");
        var stamp = DecodedStamp.Of(_first.BaseName is { } name && name.EndsWith('/') ? name[..^1] : null, _first.Tenant, _first.Epoch, _first.Boot);
        long sequence = DecodedStamp.CheckSequence(_first.Sequence, _samples.Count);
        var reference = _first.BaseTimeNs switch
        {
            null => TimeReference.Unknown,
            >= PublishedTime.FirstAbsoluteNs => TimeReference.Unix,
            _ => TimeReference.Publishing,
        };
        return new DecodedPayload(stamp, RecordStream.Telemetry, sequence, _samples.Count, _first.Clock == "synchronized", reference, _samples);
    }
}
