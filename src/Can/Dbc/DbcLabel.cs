namespace EdgeAgent.Can.Dbc;

/// <summary>One line of a value table (<c>VAL_</c>).</summary>
/// <param name="Raw">The value in the frame, before scale and offset; negative for signed signals.</param>
/// <param name="Text">What it means.</param>
public readonly record struct DbcLabel(Int128 Raw, string Text);
