using System.Globalization;

namespace EdgeAgent.Can.Tests.Fuzz;

/// <summary>
/// Mutated inputs for everything that reads from outside. <c>./build.sh fuzz</c> says by environment variables how many, from which seed
/// and for which target.
/// </summary>
public sealed class FuzzTests(ITestOutputHelper output)
{
    private const int InputsByDefault = 3_000;

    public static TheoryData<string> Targets => [.. All.Select(target => target.Name)];

    private static IEnumerable<FuzzTarget> All => typeof(FuzzTarget).Assembly.GetTypes()
        .Where(type => type.IsSubclassOf(typeof(FuzzTarget)) && type.GetConstructor([]) is not null)
        .Select(type => (FuzzTarget)Activator.CreateInstance(type)!)
        .OrderBy(target => target.Name, StringComparer.Ordinal);

    [Theory]
    [MemberData(nameof(Targets))]
    public void No_input_does_more_than_be_read_or_be_refused(string name)
    {
        var wanted = Environment.GetEnvironmentVariable("EDGE_FUZZ_TARGET");
        Assert.SkipUnless(string.IsNullOrEmpty(wanted) || wanted == name, $"only {wanted} is wanted");
        var (inputs, seed) = (Number("EDGE_FUZZ_INPUTS", InputsByDefault), Number("EDGE_FUZZ_SEED", 1));
        var fuzzer = new Fuzzer(All.Single(target => target.Name == name), seed);
        fuzzer.Run(inputs);
        output.WriteLine($"{name}: {inputs} inputs from seed {seed}: {fuzzer.Summary}");
    }

    [Theory]
    [InlineData("throws", "IndexOutOfRangeException")]
    [InlineData("allocates", "bytes were allocated; at most")]
    [InlineData("waits", "at most 20 ms are allowed")]
    public void A_fault_is_found_and_its_input_made_short(string fault, string expected)
    {
        var finding = Assert.Throws<FuzzFindingException>(() => new Fuzzer(new Faulty(fault), seed: 1).Run(100_000));
        Assert.Contains(expected, finding.Message, StringComparison.Ordinal);
        Assert.EndsWith("as text: !", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_seed_gives_the_same_inputs()
    {
        Assert.Equal(Inputs(7), Inputs(7));
        Assert.NotEqual(Inputs(7), Inputs(8));

        static List<string> Inputs(int seed)
        {
            var mutator = new FuzzMutator(new Random(seed), ["word"u8.ToArray()], longest: 64);
            return [.. Enumerable.Range(0, 100).Select(_ => Convert.ToBase64String(mutator.Mutate(["some 12 bytes\nand more"u8.ToArray()])))];
        }
    }

    private static int Number(string variable, int otherwise) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;

    /// <summary>Does harm where an exclamation mark comes. Since it takes an argument, it is not among the targets.</summary>
    private sealed class Faulty(string fault) : FuzzTarget
    {
        public override string Name => "faulty";

        public override IReadOnlyList<byte[]> Seeds => ["harmless"u8.ToArray()];

        public override TimeSpan TimeLimit => TimeSpan.FromMilliseconds(20);

        public override long AllocationLimit(int inputLength) => 100_000;

        public override string Run(ReadOnlySpan<byte> input)
        {
            if (!input.Contains((byte)'!')) return "read";
            switch (fault)
            {
                case "throws": return $"{input[input.Length]}";
                case "allocates": return $"{new byte[200_000].Length}";
                default:
                    using (var never = new ManualResetEventSlim()) _ = never.Wait(TimeSpan.FromMilliseconds(25));
                    return "waited";
            }
        }
    }
}
