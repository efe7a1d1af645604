using EdgeAgent.Obd;
using EdgeAgent.Simulation;

namespace EdgeAgent.Tests.Simulation;

public sealed class RuledEcuTests
{
    private static readonly VehicleState Asleep = SimulatedEcuTests.Standing with { IsAwake = false };

    [Fact]
    public void Without_a_rule_the_ecu_answers_at_once() => Assert.Equal(["0 0101 41018207E500 Normal"], Plan("0101"));

    [Fact]
    public void A_vehicle_that_sleeps_answers_nothing() => Assert.Empty(Ecu().Plan(new byte[] { 3 }, true, Asleep, default));

    [Fact]
    public void A_slow_answer_comes_later() => Assert.Equal(["250 03 430203010420 Normal"], Plan("03", Rule("03") with { Delay = Ms(250) }));

    [Fact]
    public void An_answer_that_takes_long_is_announced() =>
        Assert.Equal(["100 03 7F0378 Normal", "1100 03 7F0378 Normal", "2100 03 430203010420 Normal"], Plan("03", Rule("03") with { Delay = Ms(100), Pending = 2 }));

    [Fact]
    public void A_request_can_be_refused() => Assert.Equal(["0 22F190 7F2221 Normal"], Plan("22F190", Rule("22F1") with { Refusal = new NegativeResponseCode(0x21) }));

    [Fact]
    public void A_given_answer_replaces_the_ecus() => Assert.Equal(["0 0902 49020102 CutOff"], Plan("0902", Rule("0902") with { Answer = Convert.FromHexString("49020102"), Manner = AnswerManner.CutOff }));

    [Fact]
    public void Of_rules_that_fit_the_first_counts_and_those_of_other_ecus_do_not() =>
        Assert.Empty(Plan("03", new AnswerRule("body", new byte[] { 3 }) { Delay = Ms(1) }, Rule("0301"), Rule("03") with { Manner = AnswerManner.Silent }, Rule("03")));

    [Fact]
    public void Garbage_depends_on_the_seed_alone() =>
        Assert.Equal(Plan("03", Rule("03") with { Manner = AnswerManner.Garbage }), Plan("03", Rule("03") with { Manner = AnswerManner.Garbage }));

    private static AnswerRule Rule(string request) => new(null, Convert.FromHexString(request));

    private static RuledEcu Ecu(params AnswerRule[] rules) => new(SimulatedEcuTests.Engine, rules, new Random(1));

    private static string[] Plan(string request, params AnswerRule[] rules) =>
        [.. Ecu(rules).Plan(Convert.FromHexString(request), false, SimulatedEcuTests.Standing, default)
            .Select(answer => $"{answer.After.TotalMilliseconds} {request} {Convert.ToHexString(answer.Message.Span)} {answer.Manner}")];

    private static TimeSpan Ms(int ms) => TimeSpan.FromMilliseconds(ms);
}
