using EdgeAgent.Can;

namespace EdgeAgent.Obd.Tests;

public sealed class ObdExchangeTests
{
    private static readonly CanId Engine = CanId.Standard(0x7E8), Transmission = CanId.Standard(0x7E9);

    private readonly ObdTiming _timing = new();

    [Theory]
    [InlineData("010C", "410C", true)]
    [InlineData("010C", "410D", false)]
    [InlineData("010C", "41", false)]
    [InlineData("010C0D", "410D", true)]
    [InlineData("0902", "490201", true)]
    [InlineData("020C00", "4200", false)]
    [InlineData("03", "4300", true)]
    [InlineData("03", "4700", false)]
    [InlineData("03", "7F0311", true)]
    [InlineData("03", "7F0711", false)]
    [InlineData("03", "7F", false)]
    public void An_answer_is_what_repeats_service_and_parameter(string request, string beginning, bool wanted) =>
        Assert.Equal(wanted, Exchange(request).Wants(Engine, Convert.FromHexString(beginning)));

    [Fact]
    public void Of_an_ecu_that_was_asked_alone_the_first_answer_ends_it()
    {
        var exchange = Exchange("010C", Engine);
        Assert.False(exchange.Wants(Transmission, [0x41, 0x0C]));
        exchange.Sent(At(0));
        Assert.False(exchange.IsOver(At(99)));
        exchange.Accept(Engine, Convert.FromHexString("410C0FA0"), At(99));
        Assert.True(exchange.IsOver(At(99)));
    }

    [Fact]
    public void All_are_waited_for_as_long_as_one_may_take()
    {
        var exchange = Exchange("03");
        exchange.Sent(At(0));
        exchange.Accept(Transmission, Convert.FromHexString("4300"), At(10));
        exchange.Accept(Engine, Convert.FromHexString("43010301"), At(20));
        exchange.Accept(Engine, Convert.FromHexString("4300"), At(30)); // one answer each
        Assert.Equal(At(100), exchange.Deadline);
        Assert.False(exchange.IsOver(At(99)));
        Assert.True(exchange.IsOver(At(100)));
        Assert.Equal([(Engine, "43010301"), (Transmission, "4300")], exchange.Answers.Select(answer => (answer.Ecu, Convert.ToHexString(answer.Message.Span))));
    }

    [Fact]
    public void Each_request_for_time_renews_the_longer_time()
    {
        var exchange = Exchange("04");
        exchange.Sent(At(0));
        exchange.Accept(Engine, Convert.FromHexString("7F0478"), At(50));
        Assert.Equal(At(5150), exchange.Deadline);
        exchange.Accept(Engine, Convert.FromHexString("7F0478"), At(5000));
        Assert.False(exchange.IsOver(At(10099)));
        exchange.Accept(Engine, Convert.FromHexString("44"), At(10099));
        Assert.True(exchange.IsOver(At(10099)));
        Assert.True(Assert.Single(exchange.Answers).IsPositive);
    }

    [Fact]
    public void Time_that_was_asked_for_in_vain_or_too_often_is_up()
    {
        var exchange = Exchange("04");
        exchange.Sent(At(0));
        exchange.Accept(Engine, Convert.FromHexString("7F0478"), At(50));
        for (int i = 0; i <= _timing.MaxPending; i++) exchange.Accept(Transmission, Convert.FromHexString("7F0478"), At(50));
        Assert.Equal((Transmission, ObdAnswerState.Overdue), Assert.Single(exchange.Answers.Select(answer => (answer.Ecu, answer.State))));
        Assert.False(exchange.IsOver(At(5149)));
        Assert.True(exchange.IsOver(At(5150)));
        Assert.Equal([ObdAnswerState.Overdue, ObdAnswerState.Overdue], exchange.Answers.Select(answer => answer.State));
    }

    [Fact]
    public void An_answer_that_broke_off_is_the_ecus_last_word()
    {
        var exchange = Exchange("0902", Engine);
        exchange.Sent(At(0));
        exchange.BreakOff(Engine);
        Assert.True(exchange.IsOver(At(1)));
        Assert.Equal("the answer broke off", Assert.Single(exchange.Answers).Trouble);
    }

    private ObdExchange Exchange(string request, CanId? ecu = null) => new(ecu, Convert.FromHexString(request), _timing);

    private static TimeSpan At(int ms) => TimeSpan.FromMilliseconds(ms);
}
