using System.Net.ServerSentEvents;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using EdgeAgent.Capture;
using EdgeAgent.Diagnostics.Local;
using EdgeAgent.Management.Commands;
using EdgeAgent.Tenancy;
using EdgeAgent.Tenancy.Access;
using EdgeAgent.Tests.Management.Commands;
using Microsoft.Extensions.Logging.Abstractions;
using static EdgeAgent.Tests.Tenancy.TestDocuments;

namespace EdgeAgent.Tests.Diagnostics.Local;

/// <summary>Who looks on over the socket, on a clock that the test moves.</summary>
public sealed class LocalEventsTests : IDisposable
{
    private static readonly LocalLimits Patient = LocalLimits.Default with { Patience = TimeSpan.FromMinutes(5) };

    private readonly TestDirectory _directory = new();
    private readonly SteppedTime _time = new();
    private readonly FakeDevice _device = new();
    private readonly CommandService _service;
    private int _looks;
    private string _status = "well";

    public LocalEventsTests() => _service = new CommandService(
        _ => [new ViewOperation(Operation.Status, () => []), new ViewOperation(Operation.ReadSignals, () => []), new ViewOperation(Operation.ReadLedger, () => [])], _device, ThreadWorkers.Instance, (_, task) => task, _time, NullLogger.Instance);

    public void Dispose()
    {
        _service.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task Who_reads_slowly_loses_what_came_between_and_holds_up_nobody()
    {
        _status = new string('x', 1_000_000); // far more than the buffers between the two hold
        await using var api = await ServeAsync();
        using var client = Client();
        using var answer = await GetAsync(client, "/v1/status");
        for (int i = 0; i < 50; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, TestContext.Current.CancellationToken);
        }
        // He does not read, and so nobody looks for him, however long that lasts.
        int looks = _looks;
        Assert.InRange(looks, 1, 5);
        _status = "new";
        await using var events = await EventsAsync(answer);
        string state;
        int old = 0;
        while ((state = (await NextAsync(events))["state"]!.GetValue<string>()) != "new") old += state.Length == 1_000_000 ? 1 : 100;
        Assert.InRange(old, 1, looks);
    }

    [Fact]
    public async Task Events_come_at_the_pace_that_was_asked_for()
    {
        await using var api = await ServeAsync();
        using var client = Client();
        using var answer = await GetAsync(client, "/v1/status?everySeconds=0.5");
        await using var events = await EventsAsync(answer);
        for (int i = 1; i <= 5; i++)
        {
            Assert.Equal(i, (await NextAsync(events, advance: false))["look"]!.GetValue<int>());
            _time.Advance(TimeSpan.FromSeconds(0.5));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task It_ends_with_the_assignment_and_with_the_permission(bool isAssignment)
    {
        await using var api = await ServeAsync();
        using var client = Client();
        using var answer = await GetAsync(client, "/v1/status");
        await using var events = await EventsAsync(answer);
        await NextAsync(events);
        if (isAssignment) await _service.StopAsync();
        else _service.SetPolicy(AccessPolicy.Of(AcmeRing, AccessRules.None));
        var end = events.MoveNextAsync().AsTask();
        await Eventually.TrueAsync(() => end.IsCompleted, () => _time.Advance(TimeSpan.FromSeconds(1)));
        Assert.False(await end);
        Assert.Equal("executed", Assert.Single(_device.Audit)["decision"]!.GetValue<string>());
    }

    [Fact]
    public async Task While_there_is_nothing_new_a_heartbeat_comes_every_ten_seconds()
    {
        await using var api = await ServeAsync();
        using var client = Client();
        using var answer = await GetAsync(client, "/v1/signals");
        using var lines = new StreamReader(await answer.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
        for (int i = 0; i < 3; i++)
        {
            var line = lines.ReadLineAsync(TestContext.Current.CancellationToken).AsTask();
            await Eventually.TrueAsync(() => line.IsCompleted, () => _time.Advance(TimeSpan.FromSeconds(1)));
            Assert.Equal(": nothing new", await line);
            Assert.Equal("", await lines.ReadLineAsync(TestContext.Current.CancellationToken));
        }
    }

    [Fact]
    public async Task Only_so_many_look_on_at_a_time()
    {
        await using var api = await ServeAsync();
        using var client = Client();
        List<HttpResponseMessage> answers = [];
        // One user has fewer connections than there may be streams: this holds for whoever comes first.
        for (int i = 0; i < LocalLimits.MaxConnectionsOfOne; i++) answers.Add(await GetAsync(client, "/v1/status"));
        Assert.All(answers, answer => Assert.Equal(200, (int)answer.StatusCode));
        await Assert.ThrowsAsync<HttpRequestException>(() => GetAsync(client, "/v1/status"));
        answers.ForEach(answer => answer.Dispose());
    }

    [Theory]
    [InlineData("/v1/status?everySeconds=0.01", 400, "/arguments/everySeconds: expected 0.1 to 10 seconds")]
    [InlineData("/v1/status?bus=can0", 400, "/arguments/bus: unknown; expected one of: everySeconds")]
    [InlineData("/v1/signals", 403, "viewer may not do signals.read")]
    [InlineData("/v1/outbox", 406, "there are no events of that")]
    [InlineData("/metrics", 406, "there are no events of that")]
    [InlineData("/v1/ledger", 406, "there are no events of that")]
    [InlineData("/v1/nothing", 404, "/v1/signals")]
    public async Task What_is_no_stream_is_answered(string path, int status, string message)
    {
        await using var api = await ServeAsync(""","roles":{"viewer":["status"]}""");
        using var client = Client();
        using var answer = await GetAsync(client, path);
        string text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Equal((status, "application/json"), ((int)answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
        Assert.Contains(message, text, StringComparison.Ordinal);
    }

    private Task<LocalApi> ServeAsync(string more = "")
    {
        string access = $$"""{"users":{"{{Environment.UserName}}":"viewer"}{{more}}}""";
        _service.Serve(new Assignment(Device, Tenant, new Epoch(1)), _device, AccessPolicy.Of(AcmeRing, AccessRules.Read(JsonOf(access), "", [])));
        var agent = TestAgents.That(_service.ExecuteLocalAsync) with { Watch = _service.WatchLocalAsync, Status = () => new JsonObject { ["look"] = ++_looks, ["state"] = _status } };
        return LocalApi.StartAsync(LocalSocket.Open(_directory["agent.sock"]), port: null, new LocalRequests(agent, _time), Patient);
    }

    private HttpClient Client() => new(new SocketsHttpHandler
    {
        ConnectCallback = async (_, stop) =>
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(_directory["agent.sock"]), stop);
            return new NetworkStream(socket, ownsSocket: true);
        },
    });

    private static Task<HttpResponseMessage> GetAsync(HttpClient client, string path)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, $"http://localhost{path}") { Headers = { Accept = { new("text/event-stream") } } };
        return client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
    }

    private static async Task<IAsyncEnumerator<SseItem<string>>> EventsAsync(HttpResponseMessage answer) =>
        SseParser.Create(await answer.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken)).EnumerateAsync(TestContext.Current.CancellationToken).GetAsyncEnumerator(TestContext.Current.CancellationToken);

    private async Task<JsonNode> NextAsync(IAsyncEnumerator<SseItem<string>> events, bool advance = true)
    {
        var next = events.MoveNextAsync().AsTask();
        await Eventually.TrueAsync(() => next.IsCompleted, () => _time.Advance(advance ? TimeSpan.FromSeconds(1) : TimeSpan.Zero));
        Assert.True(await next);
        Assert.Equal("status", events.Current.EventType);
        return JsonNode.Parse(events.Current.Data)!;
    }
}
