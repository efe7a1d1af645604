using System.Buffers;
using System.Text;

namespace EdgeAgent.Can.Tests.Fuzz;

/// <summary>Makes an input out of others: bytes, numbers, words and lines are changed, removed, repeated and mixed.</summary>
internal sealed class FuzzMutator(Random random, IReadOnlyList<byte[]> words, int longest)
{
    private static readonly string[] Numbers =
    [
        "0", "1", "-1", "7", "8", "9", "63", "64", "65", "255", "256", "2047", "2048", "65535", "536870911", "2147483647", "2147483648",
        "4294967295", "4294967296", "9223372036854775807", "9223372036854775808", "18446744073709551615", "18446744073709551616",
        "99999999999999999999999999999999999999999", "0.5", "1e9", "1e308", "1e999", "-0", "0x10", "00012", "1.",
    ];

    private static readonly byte[] TellingBytes = [0, 1, 7, 8, 0x0F, 0x10, 0x1F, 0x20, 0x30, 0x7F, 0x80, 0xAA, 0xF0, 0xFE, 0xFF, (byte)'\n', (byte)'\r', (byte)'"', (byte)'\\'];

    private static readonly SearchValues<byte> Digits = SearchValues.Create("0123456789"u8);

    /// <summary>Mutates one of the inputs, once to eight times.</summary>
    public byte[] Mutate(IReadOnlyList<byte[]> corpus)
    {
        var input = new List<byte>(corpus[random.Next(corpus.Count)]);
        var rounds = 1 + Math.Min(random.Next(8), random.Next(8));
        for (var round = 0; round < rounds; round++) MutateOnce(input, corpus);
        if (input.Count > longest) input.RemoveRange(longest, input.Count - longest);
        return [.. input];
    }

    private void MutateOnce(List<byte> input, IReadOnlyList<byte[]> corpus)
    {
        var at = random.Next(input.Count + 1);
        switch (random.Next(12))
        {
            case 0 when at < input.Count: input[at] ^= (byte)(1 << random.Next(8)); break;
            case 1 when at < input.Count: input[at] = TellingBytes[random.Next(TellingBytes.Length)]; break;
            case 2: input.Insert(at, (byte)random.Next(256)); break;
            case 3: input.RemoveRange(at, Piece(input.Count - at)); break;
            case 4: input.RemoveRange(at, input.Count - at); break;
            case 5: Insert(input, at, Copy(input, at, Piece(input.Count - at)), 1 + random.Next(3)); break;
            case 6: Insert(input, random.Next(input.Count + 1), Copy(input, at, Piece(input.Count - at)), 1); break;
            case 7 or 8 when words.Count > 0: Insert(input, at, words[random.Next(words.Count)], 1); break;
            case 9: ReplaceNumber(input, at); break;
            case 10:
                var other = corpus[random.Next(corpus.Count)];
                var from = random.Next(other.Length + 1);
                Insert(input, at, other.AsSpan(from, Piece(other.Length - from)).ToArray(), 1);
                break;
            default: MoveLine(input, at); break;
        }
    }

    // Mostly short, now and then anything that there is.
    private int Piece(int most) => random.Next(4) == 0 ? random.Next(most + 1) : Math.Min(most, 1 + random.Next(16));

    private static byte[] Copy(List<byte> input, int at, int count) => [.. input.GetRange(at, count)];

    private void Insert(List<byte> input, int at, byte[] piece, int times)
    {
        for (var time = 0; time < times && input.Count < longest; time++) input.InsertRange(at, piece);
    }

    private void ReplaceNumber(List<byte> input, int at)
    {
        while (at < input.Count && !Digits.Contains(input[at])) at++;
        var end = at;
        while (end < input.Count && Digits.Contains(input[end])) end++;
        input.RemoveRange(at, end - at);
        var isOther = random.Next(4) == 0;
        input.InsertRange(at, Encoding.ASCII.GetBytes(isOther ? $"{random.NextInt64(1L << random.Next(1, 40))}" : Numbers[random.Next(Numbers.Length)]));
    }

    private void MoveLine(List<byte> input, int at)
    {
        var end = Math.Min(at, input.Count - 1) is >= 0 and var start ? input.IndexOf((byte)'\n', start) : -1;
        if (end < 0) return;
        var begin = end == 0 ? 0 : input.LastIndexOf((byte)'\n', end - 1) + 1;
        var line = input.GetRange(begin, end - begin + 1);
        if (random.Next(2) == 0) input.RemoveRange(begin, line.Count);
        var target = random.Next(input.Count + 1);
        while (target > 0 && input[target - 1] != '\n') target--;
        input.InsertRange(target, line);
    }
}
