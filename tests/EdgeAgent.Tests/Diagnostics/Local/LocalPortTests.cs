using System.Net;
using System.Net.Sockets;
using EdgeAgent.Diagnostics.Local;
using EdgeAgent.Management.Commands;
using EdgeAgent.Management.Configuration;
using EdgeAgent.Tenancy.Access;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeAgent.Tests.Diagnostics.Local;

/// <summary>The local API on 127.0.0.1, asked over TCP.</summary>
public sealed class LocalPortTests : IDisposable
{
    private const string Token = "0123456789abcdef0123456789abcdef";

    private readonly TestDirectory _directory = new();
    private readonly SteppedTime _time = new();
    private readonly List<Principal> _asked = [];
    private readonly int _number = FreePort();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("/v1/status", $"Bearer {Token}", null, null, 200)]
    [InlineData("/v1/status", $"bearer  {Token} ", "localhost", null, 200)]
    [InlineData("/v1/status", null, null, null, 401)]
    [InlineData("/v1/status", "Bearer", null, null, 401)]
    [InlineData("/v1/status", $"Basic {Token}", null, null, 401)]
    [InlineData("/v1/status", $"Bearer {Token}0", null, null, 401)]
    [InlineData("/v1/nothing", null, null, null, 401)] // not even what there is
    [InlineData("/v1/status", $"Bearer {Token}", "evil.example:80", null, 421)]
    [InlineData("/v1/status", $"Bearer {Token}", "127.0.0.1:1", null, 421)]
    [InlineData("/v1/status", $"Bearer {Token}", null, "http://evil.example", 403)]
    [InlineData("/v1/status", $"Bearer {Token}", null, "null", 403)]
    [InlineData("/healthz", null, null, null, 200)]
    [InlineData("/openapi.json", null, null, null, 200)]
    [InlineData("/healthz", null, "evil.example", null, 421)]
    [InlineData("/healthz", null, null, "http://evil.example", 403)]
    public async Task Only_a_program_on_the_device_that_has_the_token_is_served(string path, string? authorization, string? host, string? origin, int status)
    {
        await using var api = await ServeAsync();
        using var answer = await AskAsync(path, authorization, host, origin);
        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal(status == 401 ? "Bearer" : "", answer.Headers.WwwAuthenticate.ToString());
        Assert.Equal(status == 200 && path == "/v1/status" ? [new Principal.TokenHolder(Role.Technician)] : [], _asked);
    }

    [Fact]
    public async Task The_token_may_be_renewed_and_without_one_nobody_is_served()
    {
        await using var api = await ServeAsync();
        const string other = "another-token-of-thirty-two-chars";
        _directory.Write("token", other + "\nand a second line\n");
        Assert.Equal(HttpStatusCode.Unauthorized, (await AskAsync("/v1/status", $"Bearer {Token}")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await AskAsync("/v1/status", $"Bearer {other}")).StatusCode);
        _directory.Write("token", "short\n");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await AskAsync("/v1/status", "Bearer short")).StatusCode);
        File.Delete(_directory["token"]);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await AskAsync("/v1/status", "Bearer x")).StatusCode);
        Assert.Single(_asked);
    }

    [Fact]
    public async Task Who_tries_tokens_is_told_to_wait_and_who_has_it_is_not()
    {
        await using var api = await ServeAsync();
        for (int i = 0; i < LocalRefusals.Most; i++) Assert.Equal(HttpStatusCode.Unauthorized, (await AskAsync("/v1/status", $"Bearer {i}")).StatusCode);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await AskAsync("/v1/status", "Bearer x")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await AskAsync("/v1/status", $"Bearer {Token}")).StatusCode);
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(HttpStatusCode.Unauthorized, (await AskAsync("/v1/status", "Bearer x")).StatusCode);
    }

    [Fact]
    public void It_listens_on_the_loopback_address_alone_and_a_port_that_is_taken_is_told()
    {
        using var port = Open();
        Assert.Equal($"127.0.0.1:{_number}", port.Listener.LocalEndPoint!.ToString());
        Assert.StartsWith($"127.0.0.1:{_number}: ", Assert.Throws<IOException>(Open).Message, StringComparison.Ordinal);
    }

    private Task<LocalApi> ServeAsync()
    {
        _directory.Write("token", Token + "\n");
        var agent = TestAgents.That((principal, _, _, _) =>
        {
            _asked.Add(principal);
            return Task.FromResult(OperationOutcome.Done([]));
        });
        return LocalApi.StartAsync(LocalSocket.Open(_directory["agent.sock"]), Open(), new LocalRequests(agent, _time), LocalLimits.Default);
    }

    private LocalPort Open() => LocalPort.Open(new LocalApiOptions(_number, _directory["token"], Role.Technician), _time, NullLogger.Instance);

    private async Task<HttpResponseMessage> AskAsync(string path, string? authorization = null, string? host = null, string? origin = null)
    {
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://127.0.0.1:{_number}{path}");
        request.Headers.Host = host;
        if (authorization is not null) request.Headers.TryAddWithoutValidation("Authorization", authorization);
        if (origin is not null) request.Headers.TryAddWithoutValidation("Origin", origin);
        return await client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
