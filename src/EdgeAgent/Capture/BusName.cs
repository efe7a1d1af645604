using System.Diagnostics.CodeAnalysis;
using EdgeAgent.Tenancy;

namespace EdgeAgent.Capture;

/// <summary>Names a source of frames, as in <c>can0</c>; part of every signal's name. 1–64 characters of A–Z, a–z, 0–9, '-' and '_', so that it is safe in topics and file names.</summary>
internal readonly record struct BusName
{
    private readonly string? _text;

    private BusName(string text) => _text = text;

    public static bool TryParse([NotNullWhen(true)] string? text, out BusName id)
    {
        bool valid = Identifier.IsValid(text);
        id = valid ? new BusName(text!) : default;
        return valid;
    }

    public static BusName Parse(string text) =>
        TryParse(text, out var id) ? id : throw new FormatException($"'{text}' is no bus name: {Identifier.Expected}");

    public override string ToString() => _text ?? throw new InvalidOperationException("A bus name that was never set.");
}
