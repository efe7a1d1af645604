using System.Diagnostics.CodeAnalysis;

namespace EdgeAgent.Obd.Signalsets;

/// <summary>
/// Names a command in front of an answer: its id (<c>7E0.7E8.22F190|fc=1</c>), an id without receiver (<c>7E0.010C</c>), or the request alone
/// (<c>010C</c>, <c>22 F1 90</c>).
/// </summary>
public sealed record CommandReference
{
    private CommandReference()
    {
    }

    /// <summary>As it was given.</summary>
    public required string Text { get; init; }

    /// <summary>Three hexadecimal digits (11 bits), four or more (29 bits), or null.</summary>
    public string? Header { get; private init; }

    /// <summary>Of whom answers are, or null.</summary>
    public string? Receive { get; private init; }

    /// <summary>Service and parameter.</summary>
    public ReadOnlyMemory<byte> Request { get; private init; }

    /// <summary>The options of the id: <c>e=07</c> and others.</summary>
    public IReadOnlyList<string> Options { get; private init; } = [];

    /// <summary>True if frames have the address of an ECU in front of their data.</summary>
    public bool HasExtendedAddress => Options.Any(option => option.StartsWith("e=", StringComparison.Ordinal));

    /// <summary>Reads one; spaces do not count.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out CommandReference? command)
    {
        command = null;
        if (text.Length > 256) return false;
        string packed = text.Replace(" ", "", StringComparison.Ordinal);
        int bar = packed.IndexOf('|', StringComparison.Ordinal);
        string[] parts = (bar < 0 ? packed : packed[..bar]).Split('.');
        string request = parts[^1];
        if (parts.Length > 3 || request.Length is < 2 or > 16 || request.Length % 2 != 0 || !parts.All(part => part.Length > 0 && part.All(char.IsAsciiHexDigit))) return false;
        if (parts.Length > 1 && parts[0].Length is < 3 or > 8 || parts.Length > 2 && parts[1].Length is < 2 or > 8) return false;
        command = new CommandReference
        {
            Text = packed,
            Header = parts.Length > 1 ? parts[0].ToUpperInvariant() : null,
            Receive = parts.Length > 2 ? parts[1].ToUpperInvariant() : null,
            Request = Convert.FromHexString(request),
            Options = bar < 0 ? [] : packed[(bar + 1)..].Split(','),
        };
        return true;
    }
}
