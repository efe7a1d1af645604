namespace EdgeAgent.Cli;

/// <summary>What somebody may have meant who has mistyped a word.</summary>
internal static class Suggestion
{
    private const int MaxDistance = 3;

    /// <summary><c>did you mean status?</c>, or the list if nothing is near.</summary>
    public static string For(string word, IEnumerable<string> known)
    {
        string[] near = [.. known.Where(name => Distance(word, name) <= MaxDistance).OrderBy(name => Distance(word, name)).Take(3)];
        return near.Length > 0 ? $"did you mean {string.Join(" or ", near)}?" : $"expected one of: {string.Join(", ", known)}";
    }

    /// <summary>Letters to add, drop or change (Levenshtein).</summary>
    private static int Distance(string from, string to)
    {
        if (Math.Abs(from.Length - to.Length) > MaxDistance) return int.MaxValue;
        int[] above = [.. Enumerable.Range(0, to.Length + 1)];
        for (int i = 1; i <= from.Length; i++)
        {
            int[] row = new int[above.Length];
            row[0] = i;
            for (int j = 1; j < row.Length; j++) row[j] = Math.Min(Math.Min(row[j - 1], above[j]) + 1, above[j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1));
            above = row;
        }
        return above[^1];
    }
}
