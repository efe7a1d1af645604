namespace EdgeAgent.Tenancy;

/// <summary>Which assignment of the device this is. Grows with every one, from 1.</summary>
internal readonly record struct Epoch
{
    /// <summary>The largest, 2^53 − 1: every reader of JSON keeps it exactly.</summary>
    public const long Max = (1L << 53) - 1;

    public Epoch(long value)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, Max);
        Value = value;
    }

    public long Value { get; }

    public override string ToString() => Value.ToString(System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>Whose the device's records are. Immutable: a new assignment is a new object and a new pipeline.</summary>
internal sealed record Assignment(DeviceId Device, TenantId Tenant, Epoch Epoch);
