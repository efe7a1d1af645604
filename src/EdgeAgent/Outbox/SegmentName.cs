using System.Globalization;
using EdgeAgent.Tenancy;

namespace EdgeAgent.Outbox;

/// <summary>Where a batch lies. Ordered by age.</summary>
/// <param name="Segment">The segment's number.</param>
/// <param name="Number">Its number in there, from 1.</param>
internal readonly record struct StoredId(int Segment, int Number)
{
    public StoredId Plus(int count) => this with { Number = Number + count };
}

/// <summary>Where a segment lies: <c>tenants/{tenant}/outbox/{number}-{priority}.db</c>. Numbers grow over all tenants and priorities.</summary>
internal readonly record struct SegmentName(TenantId Tenant, int Number, Priority Priority)
{
    private const string Extension = ".db", AsideExtension = ".broken";

    private static readonly string[] Priorities = ["low", "normal", "high"];

    public string Path => $"tenants/{Tenant}/outbox/{Number:D8}-{Priorities[(int)Priority]}{Extension}";

    /// <summary>Where what is broken is kept.</summary>
    public string AsidePath => Path + AsideExtension;

    public static bool TryParse(string path, out SegmentName name)
    {
        name = default;
        if (path.Split('/') is not ["tenants", var owner, "outbox", var file] || !file.EndsWith(Extension, StringComparison.Ordinal)) return false;
        if (file[..^Extension.Length].Split('-') is not [var digits, var word] || Array.IndexOf(Priorities, word) is var priority && priority < 0) return false;
        if (!TenantId.TryParse(owner, out var tenant) || !int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out int number) || number < 1) return false;
        name = new SegmentName(tenant, number, (Priority)priority);
        return name.Path == path;
    }

    public static bool IsAsideOf(TenantId tenant, string path) => IsOf(tenant, path) && path.EndsWith(AsideExtension, StringComparison.Ordinal);

    /// <summary>True for all files of a tenant's outbox, the broken ones too.</summary>
    public static bool IsOf(TenantId tenant, string path) => path.StartsWith($"tenants/{tenant}/outbox/", StringComparison.Ordinal);
}
