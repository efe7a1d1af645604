using System.Diagnostics.CodeAnalysis;

namespace EdgeAgent.Obd.Signalsets;

/// <summary>What is wrong in a signalset, and where.</summary>
/// <param name="Place">A JSON pointer (RFC 6901), such as <c>/commands/3/signals/0/fmt/len</c>; empty for the whole file.</param>
/// <param name="Problem">What is wrong and what was expected.</param>
public readonly record struct SignalsetMistake(string Place, string Problem)
{
    /// <inheritdoc/>
    public override string ToString() => Place.Length == 0 ? Problem : $"{Place}: {Problem}";
}

/// <summary>A signalset that cannot be used. The message has a line for each mistake: <c>vehicle.json: /commands/3/hdr: expected …</c>.</summary>
[SuppressMessage("Design", "CA1032", Justification = "Without its mistakes the exception says nothing.")]
public sealed class SignalsetException(string? fileName, IReadOnlyList<SignalsetMistake> mistakes)
    : FormatException(string.Join('\n', mistakes.Select(mistake => $"{fileName ?? "signalset"}: {mistake}")))
{
    /// <summary>The file, or null for a text without one.</summary>
    public string? FileName { get; } = fileName;

    /// <summary>At least one, at most <see cref="SignalsetLimits.Mistakes"/>.</summary>
    public IReadOnlyList<SignalsetMistake> Mistakes { get; } = mistakes;
}
