using System.Text;
using EdgeAgent.Publishing;
using EdgeAgent.Tenancy;

namespace EdgeAgent.Tests.Publishing;

/// <summary>What reports cost their tenant, and which of them wait.</summary>
public sealed class PublisherReportBytesTests : IDisposable
{
    private static readonly TenantId Acme = TenantId.Parse("acme");

    private readonly PublisherRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Theory]
    [InlineData(true, 0)]
    [InlineData(false, 1)]
    public void A_report_is_paid_for_by_what_its_tenant_sends_next(bool isOwned, int expected)
    {
        Limit(1000);
        _rig.Start();
        _rig.Publisher.SetReport("t/state", "application/json", new byte[6000], isOwned ? Acme : null);
        _rig.Run();
        Assert.Contains("t/state", _rig.Broker.Retained.Keys); // it waits for nothing itself
        _rig.Append("acme", 1);
        _rig.Pass(3);
        Assert.Equal(expected, _rig.Broker.Publications.Count);
        _rig.Pass(4);
        Assert.Single(_rig.Broker.Publications);
    }

    [Fact]
    public void One_that_may_wait_waits_until_there_are_bytes_again()
    {
        Limit(1000);
        _rig.Start();
        _rig.Publisher.SetReport("t/state", "application/json", new byte[6000], Acme);
        _rig.Run();
        SetLedger("a");
        _rig.Pass(3);
        Assert.Empty(Ledgers());
        _rig.Pass(4);
        Assert.Equal(["a"], Ledgers());
    }

    [Fact]
    public void One_that_may_wait_waits_for_a_network_where_bytes_cost_nothing()
    {
        _rig.Publisher.Configure(Acme, new PublishingOptions { Metered = new MeteredRules(["wwan*"], Priority.Normal) });
        _rig.Broker.NetworkInterface = "wwan0";
        _rig.Start();
        SetLedger("a");
        _rig.Publisher.SetReport("t/state", "application/json", "s"u8.ToArray(), Acme);
        _rig.Pass(120);
        Assert.Contains("t/state", _rig.Broker.Retained.Keys);
        Assert.Empty(Ledgers());
        _rig.Broker.NetworkInterface = "wlan0";
        _rig.Broker.Drop();
        _rig.Pass(5);
        Assert.Equal(["a"], Ledgers());
    }

    [Theory]
    [InlineData("wwan0", 1)]
    [InlineData("wlan0", 2)]
    public void At_the_end_one_that_may_wait_is_told_though_it_is_too_soon_but_not_where_bytes_cost_too_much(string network, int expected)
    {
        _rig.Broker.NetworkInterface = network;
        _rig.Start();
        SetLedger("a");
        _rig.Run();
        _rig.Publisher.Configure(Acme, new PublishingOptions { Metered = new MeteredRules(["wwan*"], Priority.Normal) });
        SetLedger("b");
        _rig.Run();
        Assert.Equal(["a"], Ledgers());
        Assert.True(_rig.Stop());
        Assert.Equal(expected, Ledgers().Length);
    }

    [Fact]
    public void One_that_may_wait_is_published_every_ten_seconds_at_most_and_only_the_newest_counts()
    {
        _rig.Start();
        for (int i = 0; i < 12; i++)
        {
            SetLedger($"{i}");
            _rig.Pass(10.0 / 6, step: 1.0 / 12);
        }
        Assert.Equal(["0", "6"], Ledgers());
        _rig.Broker.Drop();
        _rig.Pass(2);
        Assert.Equal(["0", "6", "11"], Ledgers());
        _rig.Broker.Drop();
        _rig.Pass(2);
        Assert.Equal(2, _rig.Broker.Requests.Count(request => request == "disconnect"));
        Assert.Equal(["0", "6", "11"], Ledgers());
        _rig.Pass(10); // what the broker has is not known, so it comes again
        Assert.Equal(["0", "6", "11", "11"], Ledgers());
    }

    [Fact]
    public void A_report_that_is_too_large_to_be_sent_costs_nothing()
    {
        Limit(1000);
        _rig.Broker.OnReport = topic => topic == "t/state" ? Task.FromException(new PublicationTooLargeException("accepts no more")) : Task.CompletedTask;
        _rig.Start();
        _rig.Publisher.SetReport("t/state", "application/json", new byte[6000], Acme);
        _rig.Run();
        _rig.Append("acme", 1);
        _rig.Run();
        Assert.Single(_rig.Broker.Publications);
    }

    private void Limit(long bytesPerSecond) => _rig.Publisher.Configure(Acme, new PublishingOptions { BytesPerSecond = bytesPerSecond });

    private void SetLedger(string value) => _rig.Publisher.SetReport("t/ledger", "application/json", Encoding.UTF8.GetBytes(value), Acme, mayWait: true);

    private string[] Ledgers() =>
        [.. _rig.Broker.Requests.Where(request => request.StartsWith("t/ledger=", StringComparison.Ordinal)).Select(request => request["t/ledger=".Length..])];
}
