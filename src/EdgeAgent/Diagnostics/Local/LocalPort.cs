using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using EdgeAgent.Management.Configuration;
using EdgeAgent.Tenancy.Access;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace EdgeAgent.Diagnostics.Local;

/// <summary>
/// The local API's port on 127.0.0.1. Whoever is on the device reaches it, and the kernel does not say who he is, so that a token says what he may do. A page
/// that somebody has open in a browser reaches it, too: what a browser sends for a page has an Origin, and what comes by a name that leads here has another Host.
/// </summary>
internal sealed class LocalPort : IDisposable
{
    /// <summary>A shorter token could be guessed.</summary>
    public const int MinTokenLength = 32;

    private const int Backlog = 64;

    private const string Scheme = "Bearer ", Unknown = "unknown token";

    private readonly LocalApiOptions _options;
    private readonly LocalRefusals _refusals;
    private readonly ILogger _logger;
    private readonly HashSet<string> _hosts;

    private LocalPort(LocalApiOptions options, Socket listener, LocalRefusals refusals, ILogger logger)
    {
        (_options, Listener, _refusals, _logger) = (options, listener, refusals, logger);
        _hosts = new HashSet<string>(StringComparer.OrdinalIgnoreCase) { "127.0.0.1", "localhost", $"127.0.0.1:{options.Port}", $"localhost:{options.Port}" };
    }

    /// <summary>Bound and listening.</summary>
    public Socket Listener { get; }

    public IPEndPoint Address => new(IPAddress.Loopback, _options.Port);

    /// <exception cref="IOException">The port is taken; the message says so.</exception>
    public static LocalPort Open(LocalApiOptions options, TimeProvider time, ILogger logger)
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            listener.Bind(new IPEndPoint(IPAddress.Loopback, options.Port));
            listener.Listen(Backlog);
            return new LocalPort(options, listener, new LocalRefusals(time), logger);
        }
        catch (SocketException e)
        {
            listener.Dispose();
            throw new IOException($"127.0.0.1:{options.Port}: {e.Message}; see /localApi/port", e);
        }
    }

    /// <summary>Null if it may come from a program on this device; otherwise why not.</summary>
    public LocalAnswer? Refuse(HttpRequest request)
    {
        if (!_hosts.Contains(request.Host.Value ?? "")) return LocalRequests.Refuse(StatusCodes.Status421MisdirectedRequest, "host", $"expected the host {Address}");
        return request.Headers.Origin.Count > 0 ? LocalRequests.Refuse(StatusCodes.Status403Forbidden, "origin", "nothing for pages in a browser") : null;
    }

    /// <summary>Who has the token.</summary>
    /// <param name="request">With an Authorization, or not.</param>
    /// <param name="refusal">What to answer if it is not the token.</param>
    public Principal? PrincipalOf(HttpRequest request, out LocalAnswer refusal)
    {
        refusal = default;
        string? given = request.Headers.Authorization is [{ } one] && one.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? one[Scheme.Length..].Trim() : null;
        if (given is null)
        {
            refusal = LocalRequests.Refuse(StatusCodes.Status401Unauthorized, "token", "expected Authorization: Bearer and the token");
            return null;
        }
        if (ReadToken() is not { } token)
        {
            refusal = LocalRequests.Refuse(StatusCodes.Status503ServiceUnavailable, "token", "there is no token to compare with; the journal says why");
            return null;
        }
        // Digests have one length, so that the time it takes tells nothing of the token.
        if (CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(given)), SHA256.HashData(Encoding.UTF8.GetBytes(token)))) return new Principal.TokenHolder(_options.Role);
        if (!_refusals.MayTry(Unknown))
        {
            refusal = LocalRequests.Refuse(StatusCodes.Status429TooManyRequests, "too-many-refusals", $"{LocalRefusals.Most} wrong tokens within a minute; wait for the next");
            return null;
        }
        _refusals.Count(Unknown);
        DiagnosticsLog.WrongToken(_logger, Address.ToString());
        refusal = LocalRequests.Refuse(StatusCodes.Status401Unauthorized, "token", "that is not the token");
        return null;
    }

    public void Dispose() => Listener.Dispose();

    private string? ReadToken()
    {
        try
        {
            string token = File.ReadLines(_options.TokenFile).FirstOrDefault("").Trim();
            if (token.Length >= MinTokenLength) return token;
            DiagnosticsLog.NoToken(_logger, _options.TokenFile, $"its first line has {token.Length} characters, and a token has {MinTokenLength} at least");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            DiagnosticsLog.NoToken(_logger, _options.TokenFile, e.Message);
        }
        return null;
    }
}
