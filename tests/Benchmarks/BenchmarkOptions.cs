using System.Globalization;

namespace EdgeAgent.Benchmarks;

/// <summary>Something is missing or was misunderstood; the message says what.</summary>
internal sealed class BenchmarkException(string message) : Exception(message);

/// <summary>What to measure.</summary>
internal sealed record BenchmarkOptions
{
    private static readonly string[] Known = ["load", "decode", "reader", "wire", "flash", "drain"];

    /// <summary>Which of <c>load</c>, <c>decode</c>, <c>reader</c>, <c>wire</c>, <c>flash</c> and <c>drain</c>; empty for all.</summary>
    public IReadOnlyList<string> Only { get; init; } = [];

    /// <summary>How long the device was without a broker, in days.</summary>
    public double Days { get; init; } = 7;

    /// <summary>Samples a second.</summary>
    public int Rate { get; init; } = 100;

    /// <summary>Which part of the days is stored and drained; times are scaled up to all of them.</summary>
    public double Share { get; init; } = 0.01;

    /// <summary>How long the buses are under load.</summary>
    public int Seconds { get; init; } = 10;

    public bool Includes(string benchmark) => Only.Count == 0 || Only.Contains(benchmark);

    /// <exception cref="BenchmarkException">They are no options.</exception>
    public static BenchmarkOptions Parse(string[] words)
    {
        var options = new BenchmarkOptions();
        for (int i = 0; i < words.Length; i++)
        {
            string word = words[i];
            if (Known.Contains(word))
            {
                options = options with { Only = [.. options.Only, word] };
                continue;
            }
            if (++i == words.Length || !double.TryParse(words[i], CultureInfo.InvariantCulture, out double number) || number <= 0) throw Misused(word);
            options = word switch
            {
                "--days" => options with { Days = number },
                "--rate" => options with { Rate = (int)number },
                "--seconds" when number is >= 1 and <= 86_400 => options with { Seconds = (int)number },
                "--share" when number <= 1 => options with { Share = number },
                _ => throw Misused(word),
            };
        }
        return options;
    }

    private static BenchmarkException Misused(string word) =>
        new($"'{word}' is not understood; expected [{string.Join("] [", Known)}] [--days N] [--rate SAMPLES_PER_SECOND] [--share 0..1] [--seconds N]");
}
