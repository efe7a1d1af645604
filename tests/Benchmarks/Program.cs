using EdgeAgent.Benchmarks;
using EdgeAgent.Benchmarks.Decode;
using EdgeAgent.Benchmarks.Load;
using EdgeAgent.Benchmarks.Reader;

try
{
    var options = BenchmarkOptions.Parse(args);
    await using var report = new Report(options);
    // The first, since it says how much memory the process has.
    if (options.Includes("load")) await LoadBenchmark.RunAsync(options, report);
    if (options.Includes("decode")) DecodeBenchmark.Run(report);
    if (options.Includes("reader")) ReaderBenchmark.Run(report);
    if (options.Includes("wire")) WireBenchmark.Run(report);
    if (options.Includes("flash")) FlashBenchmark.Run(options, report);
    if (options.Includes("drain")) await DrainBenchmark.RunAsync(options, report);
    return 0;
}
catch (BenchmarkException e)
{
    await Console.Error.WriteLineAsync($"bench: {e.Message}");
    return 2;
}
