using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using EdgeAgent.Capture;
using EdgeAgent.Diagnostics.Local;
using EdgeAgent.Management.Commands;
using EdgeAgent.Tenancy.Access;
using EdgeAgent.Tests.Management.Commands;
using Microsoft.Extensions.Logging.Abstractions;
using static EdgeAgent.Tests.Tenancy.TestDocuments;

namespace EdgeAgent.Tests.Diagnostics.Local;

/// <summary>The server on a socket in the file system, asked by this process.</summary>
public sealed class LocalApiTests : IDisposable
{
    private const string Ping = "POST /v1/operations/ping HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";

    private static readonly LocalLimits Impatient = new(TimeSpan.FromSeconds(1.1), 1024);

    private readonly TestDirectory _directory = new();
    private readonly FakeDevice _device = new();

    private string SocketPath => _directory["agent.sock"];

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("users", true)]
    [InlineData("groups", true)]
    [InlineData("roles", false)]
    public async Task Who_asks_is_known_by_the_kernel_and_decided_on_by_the_grants(string kind, bool isPermitted)
    {
        var me = Me();
        string grant = kind switch
        {
            "users" => $$$"""{"users":{"{{{me.Name}}}":"viewer"}}""",
            "groups" => $$$"""{"groups":{"{{{me.Groups[^1]}}}":"viewer"}}""",
            _ => "{}",
        };
        await using var api = await ServeAsync(Runner(grant).ExecuteLocalAsync);
        string answer = await AskAsync(Ping);
        Assert.StartsWith($"HTTP/1.1 {(isPermitted ? 200 : 403)} ", answer, StringComparison.Ordinal);
        var entry = Assert.Single(_device.Audit);
        Assert.Equal((me.ToString(), isPermitted ? "executed" : "refused"), (entry["principal"]!.GetValue<string>(), entry["decision"]!.GetValue<string>()));
    }

    [Theory]
    [InlineData("\u0016\u0003\u0001\r\n\r\n", "400")]
    [InlineData("GET /v1/status\r\n\r\n", "505")]
    [InlineData("GET /../../etc/passwd HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "404")]
    [InlineData("GET /v1/%2e%2e/v1/nothing HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "404")]
    [InlineData("POST /v1/operations/ping HTTP/1.1\r\nHost: x\r\nContent-Length: 65537\r\n\r\n", "413")]
    [InlineData("POST /v1/operations/ping HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", "400")]
    [InlineData("POST /v1/operations/ping HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nContent-Length: 4\r\n\r\n{}{}", "400")]
    [InlineData("POST /v1/operations/ping HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n2\r\n{}\r\n0\r\n\r\n", "200")]
    [InlineData("POST /v1/operations/ping HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFFF\r\n{}", "400")]
    public async Task Hostile_requests_are_refused_and_the_next_one_is_answered(string request, string status)
    {
        await using var api = await ServeAsync(Obeys);
        Assert.StartsWith($"HTTP/1.1 {status} ", await AskAsync(request), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 200 ", await AskAsync(Ping), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Huge_requests_are_refused()
    {
        await using var api = await ServeAsync(Obeys);
        Assert.StartsWith("HTTP/1.1 431 ", await AskAsync($"GET /v1/status HTTP/1.1\r\nHost: x\r\nX: {new string('x', 20_000)}\r\n\r\n"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 414 ", await AskAsync($"GET /{new string('x', 6_000)} HTTP/1.1\r\nHost: x\r\n\r\n"), StringComparison.Ordinal);
        string tooMuch = string.Concat(Enumerable.Repeat($"1000\r\n{new string(' ', 4096)}\r\n", 17));
        Assert.StartsWith("HTTP/1.1 413 ", await AskAsync($"POST /v1/operations/ping HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n{tooMuch}"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 200 ", await AskAsync(Ping), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("POST /v1/oper")]
    [InlineData("POST /v1/operations/ping HTTP/1.1\r\nHost: x\r\nContent-Length: 4096\r\n\r\n{")]
    public async Task One_who_is_slow_is_cut_off(string beginning)
    {
        await using var api = await ServeAsync(Obeys, Impatient);
        string answer = await AskAsync(beginning);
        Assert.True(answer.Length == 0 || answer.StartsWith("HTTP/1.1 408 ", StringComparison.Ordinal), answer);
    }

    [Fact]
    public async Task One_user_takes_only_so_many_connections()
    {
        await using var api = await ServeAsync(Obeys);
        List<Socket> silent = [];
        for (int i = 0; i < LocalLimits.MaxConnectionsOfOne; i++) silent.Add(await ConnectAsync());
        await Eventually.TrueAsync(async () => (await AskAsync(Ping)).Length == 0);
        silent.ForEach(client => client.Dispose());
        string answer = "";
        await Eventually.TrueAsync(async () => (answer = await AskAsync(Ping)).Length > 0);
        Assert.StartsWith("HTTP/1.1 200 ", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_living_agent_keeps_its_socket_and_a_dead_ones_is_replaced()
    {
        await using (var first = await ServeAsync(Obeys))
        {
            var e = await Assert.ThrowsAsync<IOException>(() => ServeAsync(Obeys));
            Assert.Equal($"{SocketPath}: another edge-agent serves there", e.Message);
            Assert.StartsWith("HTTP/1.1 200 ", await AskAsync(Ping), StringComparison.Ordinal);
        }
        Assert.False(File.Exists(SocketPath));

        // What is left of an agent whose power was cut: a socket that nobody listens to.
        using (var dead = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            string elsewhere = _directory["elsewhere"];
            dead.Bind(new UnixDomainSocketEndPoint(elsewhere));
            File.Move(elsewhere, SocketPath);
        }
        await using var second = await ServeAsync(Obeys);
        Assert.StartsWith("HTTP/1.1 200 ", await AskAsync(Ping), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_no_socket_is_left_alone()
    {
        _directory.Write("agent.sock", "precious");
        Assert.Contains("no socket", (await Assert.ThrowsAsync<IOException>(() => ServeAsync(Obeys))).Message, StringComparison.Ordinal);
        Assert.Equal("precious", await File.ReadAllTextAsync(SocketPath, TestContext.Current.CancellationToken));
        File.Delete(SocketPath);
        await using var api = await ServeAsync(Obeys); // and the lock was not kept
    }

    [Theory]
    [InlineData("missing/agent.sock", "there is no such directory")]
    [InlineData("0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890", "longer than the 107 bytes")]
    public async Task A_place_that_cannot_be_is_told(string name, string message)
    {
        var e = await Assert.ThrowsAsync<IOException>(() => LocalApi.StartAsync(LocalSocket.Open(_directory[name]), port: null, new LocalRequests(TestAgents.That(Obeys), TimeProvider.System), LocalLimits.Default));
        Assert.Contains(message, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_being_done_when_the_agent_stops_is_answered()
    {
        var begun = new TaskCompletionSource();
        var api = await ServeAsync(async (_, _, _, stop) =>
        {
            begun.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop).ContinueWith(_ => { }, TaskScheduler.Default);
            return OperationOutcome.Interrupted("the agent stopped meanwhile");
        });
        var asking = AskAsync(Ping);
        await begun.Task;
        await api.DisposeAsync();
        Assert.StartsWith("HTTP/1.1 503 ", await asking, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_who_goes_away_does_not_wait_any_longer()
    {
        TaskCompletionSource begun = new(), gone = new();
        await using var api = await ServeAsync(async (_, _, _, stop) =>
        {
            begun.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop).ContinueWith(_ => { }, TaskScheduler.Default);
            gone.SetResult();
            return OperationOutcome.Interrupted("");
        });
        using (var client = await ConnectAsync())
        {
            await client.SendAsync(Encoding.ASCII.GetBytes(Ping));
            await begun.Task;
        }
        await gone.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
    }

    private OperationRunner Runner(string access) => new(
        [new PingOperation(TimeProvider.System)], AccessPolicy.Of(AcmeRing, AccessRules.Read(JsonOf(access), "", [])), _device, ThreadWorkers.Instance, TimeProvider.System, NullLogger.Instance);

    private static Task<OperationOutcome> Obeys(Principal principal, string operation, JsonElement arguments, CancellationToken stop) => Task.FromResult(OperationOutcome.Done([]));

    private Task<LocalApi> ServeAsync(LocalExecution execute, LocalLimits? limits = null) => LocalApi.StartAsync(LocalSocket.Open(SocketPath), port: null, new LocalRequests(TestAgents.That(execute), TimeProvider.System), limits ?? LocalLimits.Default);

    private async Task<Socket> ConnectAsync()
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(SocketPath), TestContext.Current.CancellationToken);
        return socket;
    }

    /// <summary>Empty if the connection is closed without an answer.</summary>
    private async Task<string> AskAsync(string request)
    {
        using var stream = new NetworkStream(await ConnectAsync(), ownsSocket: true);
        using var answer = new MemoryStream();
        try
        {
            await stream.WriteAsync(Encoding.Latin1.GetBytes(request), TestContext.Current.CancellationToken);
            await stream.CopyToAsync(answer, TestContext.Current.CancellationToken);
        }
        catch (IOException)
        {
            // What the server has not read when it closes comes back as a reset; its answer is there before.
        }
        return Encoding.UTF8.GetString(answer.ToArray());
    }

    private static Principal.LocalUser Me()
    {
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint($"\0edge-agent-test-{Guid.NewGuid():N}"));
        listener.Listen(1);
        using var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        client.Connect(listener.LocalEndPoint!);
        var credentials = PeerCredentials.Of(client);
        Assert.Equal(Environment.ProcessId, credentials.ProcessId);
        return LocalAccounts.UserOf(credentials);
    }
}
