using System.Diagnostics.CodeAnalysis;

namespace EdgeAgent.Tenancy;

/// <summary>Names a tenant. 1–64 characters of A–Z, a–z, 0–9, '-' and '_', so that it is safe in topics and file names.</summary>
internal readonly record struct TenantId
{
    private readonly string? _text;

    private TenantId(string text) => _text = text;

    public static bool TryParse([NotNullWhen(true)] string? text, out TenantId id)
    {
        bool valid = Identifier.IsValid(text);
        id = valid ? new TenantId(text!) : default;
        return valid;
    }

    public static TenantId Parse(string text) =>
        TryParse(text, out var id) ? id : throw new FormatException($"'{text}' is no tenant id: {Identifier.Expected}");

    public override string ToString() => _text ?? throw new InvalidOperationException("A tenant id that was never set.");
}
