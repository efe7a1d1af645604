using EdgeAgent.Publishing;

namespace EdgeAgent.Tests.Publishing;

/// <summary>Status, reports and subscriptions: what a publisher keeps in step with the broker.</summary>
public sealed class PublisherReportTests : IDisposable
{
    private const string Online = """{"device":"dongle-1","online":true,"version":"1.2.3","boot":"0f0e0d0c-0b0a-0908-0706-050403020100","time":"2026-05-04T08:00:00Z"}""";
    private const string Will = """{"device":"dongle-1","online":false,"version":"1.2.3","boot":"0f0e0d0c-0b0a-0908-0706-050403020100"}""";

    private readonly PublisherRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void The_broker_knows_when_the_device_is_online_when_it_stops_and_what_to_say_if_it_cannot()
    {
        _rig.Start();
        Assert.Equal(("devices/dongle-1/status", Will, true), (_rig.Broker.Will!.Topic, Text(_rig.Broker.Will.Payload), _rig.Broker.Will.Retain));
        Assert.Equal(Online, _rig.Broker.Retained["devices/dongle-1/status"]);
        _rig.Time.Advance(TimeSpan.FromSeconds(1.5));
        Assert.True(_rig.Stop());
        Assert.Equal(
            ["connect", $"devices/dongle-1/status={Online}", $"devices/dongle-1/status={Will[..^1]},\"time\":\"2026-05-04T08:00:01.5Z\"}}", "disconnect"],
            _rig.Broker.Requests);
    }

    [Fact]
    public void What_has_changed_last_is_told_before_the_device_goes_though_it_is_too_soon()
    {
        _rig.Start();
        Set("a");
        _rig.Run();
        Set("b");
        _rig.Run();
        Assert.Equal(["a"], Published());
        Assert.True(_rig.Stop());
        Assert.Equal(["a", "b"], Published());
        Assert.Contains("\"online\":false", _rig.Broker.Retained["devices/dongle-1/status"], StringComparison.Ordinal);
    }

    [Fact]
    public void A_broker_that_takes_no_last_word_does_not_keep_the_agent_from_stopping()
    {
        _rig.Start();
        _rig.Broker.OnReport = _ => new TaskCompletionSource().Task;
        Assert.False(_rig.Stop());
        _rig.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.True(_rig.Stop());
        Assert.Equal("disconnect", _rig.Broker.Requests[^1]);
    }

    [Fact]
    public void A_report_is_published_when_it_changes_at_most_once_a_second_and_only_the_newest_counts()
    {
        _rig.Start();
        Set("a");
        _rig.Run();
        Assert.Equal(["a"], Published());
        for (int i = 0; i < 10; i++)
        {
            Set($"b{i}");
            _rig.Pass(0.08, step: 0.04);
        }
        Assert.Equal(["a"], Published());
        _rig.Pass(0.5);
        Assert.Equal(["a", "b9"], Published());
        Set("b9"); // nothing has changed
        _rig.Pass(5);
        Assert.Equal(["a", "b9"], Published());
    }

    [Fact]
    public void A_report_is_published_again_after_each_connect_even_if_it_was_set_while_the_broker_was_away()
    {
        Set("before");
        _rig.Start();
        Assert.Equal(["before"], Published());
        _rig.Broker.OnConnect = () => new BrokerException("away");
        _rig.Broker.Drop();
        _rig.Pass(5);
        Set("meanwhile");
        _rig.Broker.OnConnect = () => null;
        _rig.Pass(70);
        Assert.Equal(["before", "meanwhile"], Published());
        _rig.Broker.Drop();
        _rig.Pass(5);
        Assert.Equal(["before", "meanwhile", "meanwhile"], Published());
    }

    [Fact]
    public void A_report_whose_acknowledgement_was_lost_with_the_connection_is_published_again()
    {
        _rig.Start();
        var lost = new TaskCompletionSource();
        _rig.Broker.OnReport = _ => lost.Task;
        Set("a");
        _rig.Run();
        _rig.Broker.OnReport = _ => Task.CompletedTask;
        lost.SetException(new BrokerException("the connection was lost"));
        _rig.Pass(5);
        Assert.Equal(["a", "a"], Published());
        Assert.Equal("a", _rig.Broker.Retained["t/state"]);
    }

    [Fact]
    public void A_report_that_the_broker_refuses_waits_longer_each_time_is_said_once_and_holds_up_nothing()
    {
        bool refuses = true;
        _rig.Broker.OnReport = topic => refuses && topic == "t/state" ? Task.FromException(new PublicationRefusedException("refuses t/state")) : Task.CompletedTask;
        _rig.Start();
        Set("a");
        _rig.Append("acme", 1);
        _rig.Publisher.SetReport("t/ledger", "application/json", "l"u8.ToArray());
        _rig.Pass(120);
        Assert.Equal("l", _rig.Broker.Retained["t/ledger"]);
        Assert.Equal([1L], _rig.Sequences);
        Assert.InRange(Published().Length, 5, 8); // after 1, 2, 4, … seconds
        Assert.Single(_rig.Journal.Lines, line => line.Contains("refuses t/state", StringComparison.Ordinal));
        Assert.Equal(1, _rig.Broker.Connections);
        refuses = false;
        _rig.Pass(61);
        Assert.Equal("a", _rig.Broker.Retained["t/state"]);
    }

    [Fact]
    public void A_report_that_is_cleared_is_gone_from_the_broker_and_does_not_come_back()
    {
        _rig.Start();
        Set("a");
        _rig.Run();
        _rig.Publisher.ClearReport("t/state");
        _rig.Pass(2);
        Assert.DoesNotContain("t/state", _rig.Broker.Retained.Keys);
        _rig.Broker.Drop();
        _rig.Pass(5);
        Assert.Equal(["a", ""], Published());
    }

    [Fact]
    public void Subscriptions_follow_what_is_wanted_by_differences()
    {
        _rig.Publisher.SetSubscriptions(["a", "b"]);
        _rig.Start();
        Assert.Equal(["+a", "+b"], Asked());
        _rig.Publisher.SetSubscriptions(["b", "c"]);
        _rig.Run();
        Assert.Equal(["b", "c"], _rig.Broker.Subscriptions);
        Assert.Equal(["+a", "+b", "-a", "+c"], Asked());
        _rig.Publisher.SetSubscriptions(["c", "b"]);
        _rig.Run();
        Assert.Equal(4, Asked().Length);
    }

    [Fact]
    public void What_is_subscribed_is_subscribed_once_more_for_what_the_broker_retains()
    {
        _rig.Publisher.SetSubscriptions(["a", "b"]);
        _rig.Start();
        _rig.Publisher.SetSubscriptions(["b", "c"], anew: true);
        _rig.Run();
        Assert.Equal(["+a", "+b", "-a", "+b", "+c"], Asked());
        Assert.Equal(["b", "c"], _rig.Broker.Subscriptions);
    }

    [Fact]
    public void What_was_not_wanted_for_a_moment_is_subscribed_once_more()
    {
        _rig.Publisher.SetSubscriptions(["a", "b"]);
        _rig.Start();
        _rig.Publisher.SetSubscriptions(["a"]);
        _rig.Publisher.SetSubscriptions(["a", "b"]);
        _rig.Run();
        Assert.Equal(["+a", "+b", "+b"], Asked());
    }

    [Theory]
    [InlineData(true, "+a,+b,-a,+c")] // the broker still has what was subscribed
    [InlineData(false, "+a,+b,+b,+c")]
    public void After_a_reconnect_only_what_the_broker_does_not_have_is_subscribed(bool sessionIsPresent, string expected)
    {
        _rig.Publisher.SetSubscriptions(["a", "b"]);
        _rig.Start();
        _rig.Broker.SessionIsPresent = sessionIsPresent;
        _rig.Broker.OnConnect = () => new BrokerException("away");
        _rig.Broker.Drop();
        _rig.Pass(3);
        _rig.Publisher.SetSubscriptions(["b", "c"]);
        _rig.Broker.OnConnect = () => null;
        _rig.Pass(70);
        Assert.Equal(["b", "c"], _rig.Broker.Subscriptions);
        Assert.Equal(expected, string.Join(',', Asked()));
    }

    [Fact]
    public void A_refused_subscription_is_said_once_tried_again_and_no_reason_to_drop_the_connection()
    {
        bool refuses = true;
        _rig.Broker.RefusesSubscription = filter => refuses && filter == "forbidden";
        _rig.Publisher.SetSubscriptions(["allowed", "forbidden"]);
        _rig.Start();
        _rig.Append("acme", 1);
        _rig.Pass(200);
        Assert.Equal(["allowed"], _rig.Broker.Subscriptions);
        Assert.Single(_rig.Journal.Lines, line => line.Contains("refuses the subscription to forbidden", StringComparison.Ordinal));
        Assert.InRange(Asked().Count(request => request == "+forbidden"), 6, 10);
        Assert.Equal(1, _rig.Broker.Connections);
        Assert.Equal([1L], _rig.Sequences);
        refuses = false;
        _rig.Pass(61);
        Assert.Equal(["allowed", "forbidden"], _rig.Broker.Subscriptions);
    }

    private void Set(string value) => _rig.Publisher.SetReport("t/state", "application/json", System.Text.Encoding.UTF8.GetBytes(value));

    private string[] Published() =>
        [.. _rig.Broker.Requests.Where(request => request.StartsWith("t/state=", StringComparison.Ordinal)).Select(request => request["t/state=".Length..])];

    private string[] Asked() => [.. _rig.Broker.Requests.Where(request => request[0] is '+' or '-')];

    private static string Text(ReadOnlyMemory<byte> payload) => System.Text.Encoding.UTF8.GetString(payload.Span);
}
