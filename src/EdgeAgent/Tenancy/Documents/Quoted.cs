namespace EdgeAgent.Tenancy.Documents;

/// <summary>Text of others in messages for people: on one line, and not longer than one reads.</summary>
internal static class Quoted
{
    private const int MaxLength = 64, MaxLine = 500;

    /// <summary>In quotes, shortened, without control characters.</summary>
    public static string Of(string text) => $"'{(text.Length <= MaxLength ? Line(text) : Line(text[..MaxLength]) + "…")}'";

    /// <summary>Without control characters and halves of surrogate pairs, and shortened.</summary>
    public static string Line(string text) =>
        string.Create(Math.Min(text.Length, MaxLine), text, (line, whole) =>
        {
            for (int i = 0; i < line.Length; i++) line[i] = char.IsControl(whole[i]) || char.IsSurrogate(whole[i]) || whole[i] is '\u2028' or '\u2029' ? '?' : whole[i];
        });
}
