using EdgeAgent.Tenancy;

namespace EdgeAgent.Publishing;

/// <summary>Turns what a payload says of itself into checked identities.</summary>
internal static class DecodedStamp
{
    /// <exception cref="InvalidDataException">One of them is missing or is none.</exception>
    public static RecordStamp Of(string? device, string? tenant, long? epoch, Guid? boot)
    {
        if (!DeviceId.TryParse(device, out var checkedDevice)) throw Missing("device");
        if (!TenantId.TryParse(tenant, out var checkedTenant)) throw Missing("tenant");
        if (epoch is not (> 0 and <= Epoch.Max)) throw Missing("epoch");
        if (boot is not { } checkedBoot) throw Missing("boot");
        return new RecordStamp(new Assignment(checkedDevice, checkedTenant, new Epoch(epoch.Value)), new BootId(checkedBoot));
    }

    /// <exception cref="InvalidDataException">It is missing, below 1, or the numbers that follow it would not fit.</exception>
    public static long CheckSequence(long? first, int count) => first is > 0 and var number && number <= long.MaxValue - count ? number : throw Missing("sequence");

    private static InvalidDataException Missing(string what) => new($"The payload has no valid {what}; it was not published by an edge agent.");
}
