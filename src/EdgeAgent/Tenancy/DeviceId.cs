using System.Diagnostics.CodeAnalysis;

namespace EdgeAgent.Tenancy;

/// <summary>Names a device. 1–64 characters of A–Z, a–z, 0–9, '-' and '_', so that it is safe in topics and file names.</summary>
internal readonly record struct DeviceId
{
    private readonly string? _text;

    private DeviceId(string text) => _text = text;

    public static bool TryParse([NotNullWhen(true)] string? text, out DeviceId id)
    {
        bool valid = Identifier.IsValid(text);
        id = valid ? new DeviceId(text!) : default;
        return valid;
    }

    public static DeviceId Parse(string text) =>
        TryParse(text, out var id) ? id : throw new FormatException($"'{text}' is no device id: {Identifier.Expected}");

    public override string ToString() => _text ?? throw new InvalidOperationException("A device id that was never set.");
}
