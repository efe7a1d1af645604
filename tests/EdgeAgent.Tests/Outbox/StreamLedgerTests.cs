using CsCheck;
using EdgeAgent.Outbox;

namespace EdgeAgent.Tests.Outbox;

public sealed class StreamLedgerTests
{
    private const int Numbers = 40;

    private static readonly Gen<(int Operation, long From, long To, LedgerOutcome Outcome)> Step =
        Gen.Select(Gen.Int[0, 2], Gen.Long[1, Numbers], Gen.Long[0, 9], Gen.Int[0, 2].Select(outcome => new[] { LedgerOutcome.Delivered, LedgerOutcome.Evicted, LedgerOutcome.Lost }[outcome]),
            (operation, from, more, outcome) => (operation, from, Math.Min(from + more, Numbers), outcome));

    [Fact]
    public void Ranges_say_of_each_number_what_was_said_of_it_last() =>
        Step.Array[0, 30].Sample(steps =>
        {
            var ledger = new StreamLedger(StreamLedger.MaxRanges);
            var model = new LedgerOutcome?[Numbers + 1];
            foreach (var (operation, from, to, outcome) in steps)
            {
                var range = new LedgerRange(from, to, outcome);
                if (operation == 0) ledger.Set(range);
                else if (operation == 1) Assert.Equal(model[(int)from..((int)to + 1)].Count(known => known is null), ledger.Fill(range));
                else ledger.Clear(from, to);
                for (long number = from; number <= to; number++) model[number] = operation == 0 ? outcome : operation == 1 ? model[number] ?? outcome : null;
            }
            Assert.Equal(model[1..].Select(known => known ?? LedgerOutcome.Buffered), Flatten(ledger.Complete(Numbers + 1)));
            Assert.All(ledger.Ranges.Zip(ledger.Ranges.Skip(1)), pair => Assert.True(pair.First.To + 1 < pair.Second.From || !pair.First.IsSame(pair.Second)));
            for (long number = 1; number <= Numbers; number++)
            {
                Assert.Equal(model[number] is null, ledger.Open(number, number).Count == 1);
                Assert.Equal(model[number] == LedgerOutcome.Lost, ledger.Are(number, number, range => range.Outcome == LedgerOutcome.Lost));
            }
        });

    [Fact]
    public void When_there_are_too_many_ranges_less_is_known_and_nothing_lost_becomes_delivered() =>
        Step.Array[0, 60].Sample(steps =>
        {
            const int most = 4;
            var ledger = new StreamLedger(most);
            var model = new LedgerOutcome?[Numbers + 1];
            foreach (var (_, from, to, outcome) in steps)
            {
                ledger.Set(new LedgerRange(from, to, outcome));
                for (long number = from; number <= to; number++) model[number] = outcome;
                Assert.InRange(ledger.Ranges.Count, 0, most);
            }
            foreach (var (said, known) in Flatten(ledger.Complete(Numbers + 1)).Zip(model.Skip(1)))
                Assert.True(said == (known ?? LedgerOutcome.Buffered) || said == LedgerOutcome.Unconfirmed, $"{said} of what is {known}");
        });

    private static IEnumerable<LedgerOutcome> Flatten(IEnumerable<LedgerRange> ranges) => ranges.SelectMany(range => Enumerable.Repeat(range.Outcome, (int)range.Count));
}
