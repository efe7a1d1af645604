using System.Net.Sockets;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace EdgeAgent.Diagnostics.Local;

/// <summary>What the local API puts up with.</summary>
/// <param name="Patience">For a request to arrive, and between two.</param>
/// <param name="BytesPerSecond">Slower bodies and readers are cut off, after <paramref name="Patience"/>.</param>
internal sealed record LocalLimits(TimeSpan Patience, double BytesPerSecond)
{
    public const int MaxBodyBytes = 64 * 1024, MaxHeadBytes = 8 * 1024, MaxFields = 32;

    /// <summary>Connections at a time, of all users and of one; further ones are closed.</summary>
    public const int MaxConnections = 16, MaxConnectionsOfOne = 4;

    public static readonly LocalLimits Default = new(TimeSpan.FromSeconds(5), 1024);
}

/// <summary>
/// HTTP/1.1 for the users of the device, on a unix socket: ASP.NET Core's Kestrel by itself. A host around it would cost memory for what the
/// agent's own does.
/// </summary>
internal sealed class LocalApi : IHttpApplication<HttpContext>, IAsyncDisposable
{
    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly LocalSocket _socket;
    private readonly LocalRequests _requests;
    private readonly KestrelServer _server;
    private readonly LocalLimits _limits;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private readonly Dictionary<uint, int> _connections = [];

    private LocalApi(LocalSocket socket, LocalRequests requests, LocalLimits limits)
    {
        _socket = socket;
        _requests = requests;
        _limits = limits;
        var transport = new SocketTransportFactory(Options.Create(new SocketTransportOptions { CreateBoundListenSocket = _ => socket.Listener }), NullLoggerFactory.Instance);
        var options = new KestrelServerOptions();
        Configure(options);
        _server = new KestrelServer(Options.Create(options), transport, NullLoggerFactory.Instance);
    }

    /// <summary>Serves at a path until it is disposed.</summary>
    /// <exception cref="IOException">See <see cref="LocalSocket.Open"/>.</exception>
    public static async Task<LocalApi> StartAsync(string path, LocalRequests requests, LocalLimits limits)
    {
        var api = new LocalApi(LocalSocket.Open(path), requests, limits);
        await api._server.StartAsync(api, CancellationToken.None);
        return api;
    }

    /// <summary>What is being done is told to end; returns when it has been answered.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        using var patience = new CancellationTokenSource(_limits.Patience, TimeProvider.System);
        await _server.StopAsync(patience.Token);
        _server.Dispose();
        _socket.Dispose();
        _stop.Dispose();
    }

    private void Configure(KestrelServerOptions options)
    {
        options.AddServerHeader = false;
        options.Limits.MaxConcurrentConnections = LocalLimits.MaxConnections;
        options.Limits.MaxRequestBodySize = LocalLimits.MaxBodyBytes;
        options.Limits.MaxRequestHeadersTotalSize = LocalLimits.MaxHeadBytes;
        options.Limits.MaxRequestLineSize = LocalLimits.MaxHeadBytes / 2;
        options.Limits.MaxRequestHeaderCount = LocalLimits.MaxFields;
        options.Limits.KeepAliveTimeout = options.Limits.RequestHeadersTimeout = _limits.Patience;
        options.Limits.MinRequestBodyDataRate = options.Limits.MinResponseDataRate = new MinDataRate(_limits.BytesPerSecond, _limits.Patience);
        options.ListenUnixSocket(_socket.Path, listen =>
        {
            listen.Protocols = HttpProtocols.Http1;
            listen.Use(next => connection => AdmitAsync(connection, next));
        });
    }

    /// <summary>One user cannot take all connections.</summary>
    private async Task AdmitAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        uint user = PeerCredentials.Of(SocketOf(connection.Features.Get<IConnectionSocketFeature>())).UserId;
        try
        {
            bool isAdmitted;
            lock (_gate) isAdmitted = (_connections[user] = _connections.GetValueOrDefault(user) + 1) <= LocalLimits.MaxConnectionsOfOne;
            if (isAdmitted) await next(connection);
        }
        finally
        {
            lock (_gate)
            {
                if (--_connections[user] == 0) _connections.Remove(user);
            }
        }
    }

    HttpContext IHttpApplication<HttpContext>.CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

    void IHttpApplication<HttpContext>.DisposeContext(HttpContext context, Exception? exception)
    {
    }

    async Task IHttpApplication<HttpContext>.ProcessRequestAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        try
        {
            await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        }
        catch (IOException e)
        {
            context.Response.StatusCode = (e as Microsoft.AspNetCore.Http.BadHttpRequestException)?.StatusCode ?? StatusCodes.Status400BadRequest;
            return;
        }
        var user = LocalAccounts.UserOf(PeerCredentials.Of(SocketOf(context.Features.Get<IConnectionSocketFeature>())));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, _stop.Token);
        var answer = await _requests.AnswerAsync(user, context.Request.Method, context.Request.Path.Value ?? "", body.ToArray(), stop.Token);
        context.Response.StatusCode = answer.Status;
        context.Response.ContentType = "application/json";
        byte[] content = Encoding.UTF8.GetBytes(answer.Content.ToJsonString(Readable) + "\n");
        context.Response.ContentLength = content.Length;
        await context.Response.Body.WriteAsync(content, context.RequestAborted);
    }

    private static Socket SocketOf(IConnectionSocketFeature? feature) => feature?.Socket ?? throw new InvalidOperationException("A connection without a socket.");
}
