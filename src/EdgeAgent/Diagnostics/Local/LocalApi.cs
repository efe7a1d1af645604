using System.Net.Sockets;
using EdgeAgent.Tenancy.Access;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
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

    /// <summary>Who look on at a time.</summary>
    public const int MaxStreams = 8;

    /// <summary>Of who looks on, in bytes a second; a serial console takes 960. Slower ones are cut off, after <see cref="EventPatience"/>.</summary>
    public const double EventBytesPerSecond = 100;

    public static readonly TimeSpan EventPatience = TimeSpan.FromSeconds(30);

    public static readonly LocalLimits Default = new(TimeSpan.FromSeconds(5), 1024);
}

/// <summary>
/// HTTP/1.1 for the users of the device, on a unix socket and maybe a port of 127.0.0.1: ASP.NET Core's Kestrel by itself. A host around it would cost memory for what the
/// agent's own does.
/// </summary>
internal sealed class LocalApi : IHttpApplication<HttpContext>, IAsyncDisposable
{
    /// <summary>Whom connections of the port count for: (uid_t)-1 is no user.</summary>
    private const uint NoUser = uint.MaxValue;

    private readonly LocalSocket _socket;
    private readonly LocalPort? _port;
    private readonly LocalRequests _requests;
    private readonly KestrelServer _server;
    private readonly LocalLimits _limits;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private readonly Dictionary<uint, int> _connections = [];
    private int _streams;

    private LocalApi(LocalSocket socket, LocalPort? port, LocalRequests requests, LocalLimits limits)
    {
        _socket = socket;
        _port = port;
        _requests = requests;
        _limits = limits;
        var transport = new SocketTransportFactory(Options.Create(new SocketTransportOptions { CreateBoundListenSocket = endpoint => endpoint is UnixDomainSocketEndPoint ? socket.Listener : port!.Listener }), NullLoggerFactory.Instance);
        var options = new KestrelServerOptions();
        Configure(options);
        _server = new KestrelServer(Options.Create(options), transport, NullLoggerFactory.Instance);
    }

    /// <summary>Serves until it is disposed, with what it serves at.</summary>
    public static async Task<LocalApi> StartAsync(LocalSocket socket, LocalPort? port, LocalRequests requests, LocalLimits limits)
    {
        var api = new LocalApi(socket, port, requests, limits);
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
        _port?.Dispose();
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
        options.ListenUnixSocket(_socket.Path, Listen);
        if (_port is not null) options.Listen(_port.Address, Listen);

        void Listen(ListenOptions listen)
        {
            listen.Protocols = HttpProtocols.Http1;
            listen.Use(next => connection => AdmitAsync(connection, next));
        }
    }

    /// <summary>One user cannot take all connections.</summary>
    private async Task AdmitAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        uint user = PeerOf(connection.Features.Get<IConnectionSocketFeature>())?.UserId ?? NoUser;
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
        var request = new LocalRequest(context.Request.Method, context.Request.Path.Value ?? "", context.Request.QueryString.Value ?? "", body.ToArray());
        if (await AnswerAsync(context, request) is { } answer) await WriteAsync(context, answer);
    }

    private async Task<LocalAnswer?> AnswerAsync(HttpContext context, LocalRequest request)
    {
        Principal? principal = PeerOf(context.Features.Get<IConnectionSocketFeature>()) is { } peer ? LocalAccounts.UserOf(peer) : null;
        if (principal is null && _port!.Refuse(context.Request) is { } refused) return refused;
        if (_requests.Open(request) is { } open) return open;
        if (principal is null && (principal = _port!.PrincipalOf(context.Request, out var refusal)) is null) return refusal;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, _stop.Token);
        return AcceptsEvents(context.Request) ? await WatchAsync(context, principal, request, stop.Token) : await _requests.AnswerAsync(principal, request, stop.Token);
    }

    /// <summary>Who looks on may take his time, but not for ever: his connection is one of few.</summary>
    private async Task<LocalAnswer?> WatchAsync(HttpContext context, Principal user, LocalRequest request, CancellationToken stop)
    {
        if (context.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate) rate.MinDataRate = new MinDataRate(LocalLimits.EventBytesPerSecond, LocalLimits.EventPatience);
        try
        {
            if (Interlocked.Increment(ref _streams) > LocalLimits.MaxStreams)
                return LocalRequests.Refuse(StatusCodes.Status503ServiceUnavailable, "busy", $"{LocalLimits.MaxStreams} look on already");
            return await _requests.WatchAsync(user, request, new EventStream(context.Response), stop);
        }
        finally
        {
            Interlocked.Decrement(ref _streams);
        }
    }

    private static bool AcceptsEvents(HttpRequest request) => request.Headers.Accept.Any(accepted => accepted?.Contains(EventStream.ContentType, StringComparison.OrdinalIgnoreCase) == true);

    private static Task WriteAsync(HttpContext context, LocalAnswer answer)
    {
        context.Response.StatusCode = answer.Status;
        if (answer.Status == StatusCodes.Status401Unauthorized) context.Response.Headers.WWWAuthenticate = "Bearer";
        context.Response.ContentType = answer.ContentType;
        context.Response.ContentLength = answer.Content.Length;
        return context.Response.Body.WriteAsync(answer.Content, context.RequestAborted).AsTask();
    }

    /// <summary>Who is at the other end; null on the port, where the kernel does not say.</summary>
    private static PeerCredentials? PeerOf(IConnectionSocketFeature? feature) => feature?.Socket switch
    {
        null => throw new InvalidOperationException("A connection without a socket."),
        { AddressFamily: AddressFamily.Unix } socket => PeerCredentials.Of(socket),
        _ => null,
    };
}
