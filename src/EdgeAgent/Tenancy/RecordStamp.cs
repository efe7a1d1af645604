namespace EdgeAgent.Tenancy;

/// <summary>
/// What is true of a record from the moment of its capture: whose it is, and in which boot of the device its monotonic time was taken.
/// With its sequence number, which is gap-free for one device, tenant and epoch, it names the record for ever.
/// </summary>
internal sealed record RecordStamp(Assignment Assignment, BootId Boot)
{
    public DeviceId Device => Assignment.Device;

    public TenantId Tenant => Assignment.Tenant;

    public Epoch Epoch => Assignment.Epoch;
}

/// <summary>Which boot of the device: the kernel's random id, so that monotonic times of two boots are never compared.</summary>
internal readonly record struct BootId(Guid Value)
{
    private const string Source = "/proc/sys/kernel/random/boot_id";

    public static BootId OfThisBoot() => new(Guid.Parse(File.ReadAllText(Source)));

    public override string ToString() => Value.ToString("D");
}
