using CsCheck;
using EdgeAgent.Can;

namespace EdgeAgent.Obd.Tests;

public sealed class ObdTurnsTests
{
    private static readonly CanId Engine = CanId.Standard(0x7E8), Transmission = CanId.Standard(0x7E9), Body = CanId.Standard(0x7EA);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Ecus_are_asked_at_once_and_each_for_one_thing_at_a_time()
    {
        var turns = new ObdTurns(2);
        await turns.TakeAsync(Engine, Stop);
        var again = turns.TakeAsync(Engine, Stop);
        await turns.TakeAsync(Transmission, Stop);
        var third = turns.TakeAsync(Body, Stop);
        Assert.False(again.IsCompleted || third.IsCompleted);
        turns.Return(Engine);
        await again;
        Assert.False(third.IsCompleted);
        turns.Return(Transmission);
        await third;
    }

    [Fact]
    public async Task What_all_are_asked_is_alone_and_nobody_overtakes_it()
    {
        var turns = new ObdTurns(4);
        await turns.TakeAsync(Engine, Stop);
        var all = turns.TakeAsync(null, Stop);
        var behind = turns.TakeAsync(Transmission, Stop);
        Assert.False(all.IsCompleted || behind.IsCompleted);
        turns.Return(Engine);
        await all;
        Assert.False(behind.IsCompleted);
        turns.Return(null);
        await behind;
    }

    [Fact]
    public async Task Who_gives_up_while_waiting_holds_up_nobody()
    {
        var turns = new ObdTurns(4);
        await turns.TakeAsync(Engine, Stop);
        using var impatient = new CancellationTokenSource();
        var all = turns.TakeAsync(null, impatient.Token);
        var behind = turns.TakeAsync(Transmission, Stop);
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => all);
        await behind;
    }

    [Fact]
    public async Task In_whatever_order_everybody_has_a_turn() => await Gen.Int[-1, 3].Array[1, 40].SampleAsync(async ecus =>
    {
        var turns = new ObdTurns(3);
        List<CanId?> underWay = [];
        List<string> faults = [];
        async Task AskAsync(CanId? ecu)
        {
            await turns.TakeAsync(ecu, CancellationToken.None);
            lock (underWay)
            {
                if (underWay.Count == 3 || underWay.Contains(ecu) || underWay.Contains(null) || ecu is null && underWay.Count > 0) faults.Add($"{ecu} beside {string.Join(' ', underWay)}");
                underWay.Add(ecu);
            }
            await Task.Yield();
            lock (underWay) underWay.Remove(ecu);
            turns.Return(ecu);
        }
        await Task.WhenAll(ecus.Select(ecu => AskAsync(ecu < 0 ? null : CanId.Standard(0x7E8 + (uint)ecu)))).WaitAsync(TimeSpan.FromSeconds(20), TimeProvider.System);
        Assert.Equal("", string.Join("; ", faults));
    }, iter: 100);
}
