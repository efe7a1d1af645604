using System.Buffers;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using MQTTnet.Channel;

namespace EdgeAgent.Publishing;

/// <summary>The bytes of one connection, below MQTTnet: TCP, TLS, the limit on what comes in, and what goes wrong with them, in words.</summary>
internal sealed class BrokerChannel(BrokerOptions options, TimeProvider time, int maximumPacketSize) : IMqttChannel
{
    private readonly PacketLimit _limit = new(maximumPacketSize);
    private BrokerTls? _tls;
    private Stream? _stream;
    private bool _heard;

    /// <summary>Why it ended or did not begin; null if there is nothing to add to the exception.</summary>
    public string? Trouble { get; private set; }

    public X509Certificate2? ClientCertificate => null;

    public EndPoint? RemoteEndPoint { get; private set; }

    public EndPoint? LocalEndPoint { get; private set; }

    public bool IsSecureConnection => options.Tls;

    public async Task ConnectAsync(CancellationToken cancellationToken)
    {
        if (options.Tls) _tls = new BrokerTls(options, time);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(new DnsEndPoint(options.Uri.IdnHost, options.Port), cancellationToken);
            (LocalEndPoint, RemoteEndPoint) = (socket.LocalEndPoint, socket.RemoteEndPoint);
            _stream = new NetworkStream(socket, ownsSocket: true);
            if (_tls is not null) await SecureAsync(cancellationToken);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public async Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        if (_stream is not { } stream) return 0;
        try
        {
            int length = await stream.ReadAsync(buffer.AsMemory(offset, count), cancellationToken);
            _limit.Pass(buffer.AsSpan(offset, length));
            if (length == 0) Explain("it closed the connection");
            _heard |= length > 0;
            return length;
        }
        catch (ObjectDisposedException)
        {
            return 0;
        }
        catch (IOException e)
        {
            Explain(e.GetBaseException().Message);
            throw;
        }
    }

    public async Task WriteAsync(ReadOnlySequence<byte> buffer, bool isEndOfPacket, CancellationToken cancellationToken)
    {
        var stream = _stream ?? throw new IOException("the connection is closed");
        try
        {
            // Not to be given up in the middle: what follows half a packet would be read as its rest. Disposing ends it.
            foreach (var segment in buffer) await stream.WriteAsync(segment, CancellationToken.None);
        }
        catch (ObjectDisposedException e)
        {
            throw new IOException("the connection is closed", e);
        }
        catch (IOException e)
        {
            // What the broker said before it broke off may still be there to be read.
            if (!_heard && _tls is not null) await ReadAsync(new byte[1], 0, 1, cancellationToken);
            Explain(e.GetBaseException().Message);
            throw;
        }
    }

    public Task DisconnectAsync(CancellationToken cancellationToken)
    {
        Dispose();
        return Task.CompletedTask;
    }

    public void Dispose()
    {
        Interlocked.Exchange(ref _stream, null)?.Dispose();
        Interlocked.Exchange(ref _tls, null)?.Dispose();
    }

    private async Task SecureAsync(CancellationToken cancellationToken)
    {
        var secure = new SslStream(_stream!, leaveInnerStreamOpen: false);
        _stream = secure;
        try
        {
            await secure.AuthenticateAsClientAsync(_tls!.Options(), cancellationToken);
        }
        catch (Exception e) when (e is AuthenticationException or IOException)
        {
            Explain(e.GetBaseException().Message);
            throw;
        }
    }

    /// <summary>Until the broker has said its first word, its certificate or ours may be the reason.</summary>
    private void Explain(string trouble)
    {
        if (Trouble is not null || _heard || _tls is not { } tls) return;
        Trouble = tls.Distrust ?? tls.ExplainRefusal(trouble);
    }
}
