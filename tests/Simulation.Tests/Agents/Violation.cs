using System.Diagnostics.CodeAnalysis;

namespace EdgeAgent.Simulation.Tests.Agents;

/// <summary>A promise was broken.</summary>
internal sealed class ViolationException(string message) : Exception(message);

internal static class Promise
{
    /// <summary>Fails the seed unless this holds.</summary>
    public static void That([DoesNotReturnIf(false)] bool holds, [System.Runtime.CompilerServices.InterpolatedStringHandlerArgument(nameof(holds))] ref PromiseText text)
    {
        if (!holds) throw new ViolationException(text.ToString());
    }
}

/// <summary>Words that are only put together when they are needed.</summary>
[System.Runtime.CompilerServices.InterpolatedStringHandler]
internal ref struct PromiseText
{
    private System.Runtime.CompilerServices.DefaultInterpolatedStringHandler _text;

    public PromiseText(int literalLength, int formattedCount, bool holds, out bool isNeeded)
    {
        isNeeded = !holds;
        _text = isNeeded ? new System.Runtime.CompilerServices.DefaultInterpolatedStringHandler(literalLength, formattedCount, System.Globalization.CultureInfo.InvariantCulture) : default;
    }

    public void AppendLiteral(string text) => _text.AppendLiteral(text);

    public void AppendFormatted<T>(T value) => _text.AppendFormatted(value);

    public override string ToString() => _text.ToStringAndClear();
}
