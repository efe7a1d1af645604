using System.Net;
using System.Net.Sockets;
using System.Text;
using EdgeAgent.Diagnostics.Metrics;

namespace EdgeAgent.Cli.Fleet;

/// <summary>
/// Answers <c>GET /metrics</c> and nothing else (HTTP/1.1, RFC 9112; a connection a request). Deliberately small: the framework's HttpListener answers only
/// to the host name that it was given, and one page of text needs no more.
/// </summary>
internal sealed class MetricsServer : IDisposable
{
    public const string Path = "/metrics";

    /// <summary>Of one request, with everything before its body.</summary>
    private const int MaxHeadBytes = 8 * 1024;

    /// <summary>Further ones wait in the kernel's queue.</summary>
    private const int MaxConnections = 4;

    /// <summary>From the connection to the last byte of the answer.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly TcpListener _listener;
    private readonly Func<string> _metrics;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _free = new(MaxConnections);

    /// <param name="address">Where to listen; port 0 takes a free one.</param>
    /// <param name="metrics">Makes the text of an answer; called by several threads.</param>
    /// <param name="time">For <see cref="Patience"/>.</param>
    /// <exception cref="SocketException">It is taken, or not ours.</exception>
    public MetricsServer(IPEndPoint address, Func<string> metrics, TimeProvider time)
    {
        (_metrics, _time) = (metrics, time);
        _listener = new TcpListener(address);
        _listener.Start();
    }

    public IPEndPoint Address => (IPEndPoint)_listener.LocalEndpoint;

    /// <summary>Serves until it is told to stop, which is no error.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        try
        {
            while (true)
            {
                await _free.WaitAsync(stop);
                _ = AnswerAsync(await AcceptAsync(stop), stop);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }
    }

    public void Dispose() => _listener.Dispose();

    /// <summary>A client that has gone before it was accepted is no trouble of ours.</summary>
    private async Task<Socket> AcceptAsync(CancellationToken stop)
    {
        while (true)
        {
            try
            {
                return await _listener.AcceptSocketAsync(stop);
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionReset or SocketError.ConnectionAborted)
            {
            }
        }
    }

    /// <summary>Never throws: whatever a client does ends with its connection.</summary>
    private async Task AnswerAsync(Socket client, CancellationToken stop)
    {
        using var patience = new CancellationTokenSource(Patience, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, patience.Token);
        try
        {
            using var stream = new NetworkStream(client, ownsSocket: true);
            byte[] answer = Answer(await ReadHeadAsync(stream, either.Token));
            await stream.WriteAsync(answer, either.Token);
            client.Shutdown(SocketShutdown.Send);
            // What the client still sends is read, or else the answer might be lost with a reset.
            byte[] rest = new byte[1024];
            for (int left = MaxHeadBytes; left > 0;)
            {
                int read = await stream.ReadAsync(rest, either.Token);
                if (read == 0) break;
                left -= read;
            }
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
        {
        }
        finally
        {
            _free.Release();
        }
    }

    /// <summary>Null if it is too long, and what there is if the client has said all.</summary>
    private static async Task<string?> ReadHeadAsync(NetworkStream stream, CancellationToken stop)
    {
        byte[] head = new byte[MaxHeadBytes];
        int length = 0;
        while (length < head.Length)
        {
            int read = await stream.ReadAsync(head.AsMemory(length), stop);
            if (read == 0) return Encoding.Latin1.GetString(head, 0, length);
            length += read;
            int end = head.AsSpan(0, length).IndexOf("\r\n\r\n"u8);
            if (end >= 0) return Encoding.Latin1.GetString(head, 0, end);
        }
        return null;
    }

    private byte[] Answer(string? head)
    {
        if (head is null) return Response("431 Request Header Fields Too Large", "text/plain", "the request is too long\n");
        if (head.Split('\n')[0].TrimEnd('\r').Split(' ') is not [var method, var target, "HTTP/1.1" or "HTTP/1.0"])
            return Response("400 Bad Request", "text/plain", "no HTTP/1.1 request\n");
        if (method is not ("GET" or "HEAD")) return Response("405 Method Not Allowed\r\nAllow: GET, HEAD", "text/plain", "only GET\n");
        return target.Split('?')[0] == Path
            ? Response("200 OK", MetricText.ContentType, _metrics(), method == "HEAD")
            : Response("404 Not Found", "text/plain", $"see {Path}\n", method == "HEAD");
    }

    private static byte[] Response(string status, string contentType, string text, bool headOnly = false)
    {
        byte[] body = Encoding.UTF8.GetBytes(text);
        byte[] head = Encoding.ASCII.GetBytes($"HTTP/1.1 {status}\r\nContent-Type: {contentType}\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n");
        return headOnly ? head : [.. head, .. body];
    }
}
