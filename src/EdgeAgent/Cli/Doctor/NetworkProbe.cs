using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EdgeAgent.Publishing;

namespace EdgeAgent.Cli.Doctor;

/// <summary>Goes the way to the broker step by step, and says at which one it fails.</summary>
/// <param name="options">The broker.</param>
/// <param name="time">The clock.</param>
internal sealed class NetworkProbe(BrokerOptions options, TimeProvider time)
{
    /// <summary>For each step; a handshake has several ways there and back, and two processors that may be slow.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5), HandshakePatience = TimeSpan.FromSeconds(15);

    private string Host => options.Uri.IdnHost;

    private string Place => $"{Host}:{options.Port}";

    /// <param name="knowsTls">False if the files for TLS are not known: then that step is left out.</param>
    /// <param name="connect">True to connect by MQTT as well, with a client id of its own, so that the agent's connection stays.</param>
    /// <param name="stop">The user has had enough.</param>
    public async Task<NetworkReading> RunAsync(bool knowsTls, bool connect, CancellationToken stop)
    {
        var reading = new NetworkReading { Host = Host, Port = options.Port, IsTls = options.Tls, DeviceCertificate = DeviceCertificate() };
        var (name, addresses) = await ResolveAsync(stop);
        reading = reading with { Name = name };
        if (name.Trouble is not null) return reading;
        reading = reading with { Route = FindRoute(addresses) };
        if (reading.Route.Trouble is not null) return reading;
        var (tcp, socket) = await ConnectAsync(addresses, stop);
        using var connected = socket;
        reading = reading with { Tcp = tcp };
        if (socket is null) return reading;
        if (options.Tls && knowsTls) reading = await SecureAsync(socket, reading, stop);
        if (connect && reading.Tls?.Trouble is null) reading = await GreetAsync(reading, stop);
        return reading;
    }

    private async Task<(Step Step, IPAddress[] Addresses)> ResolveAsync(CancellationToken stop)
    {
        try
        {
            var addresses = await BoundedAsync(token => Dns.GetHostAddressesAsync(Host, token), Patience, stop);
            return (new Step($"{Host} is {string.Join(", ", addresses.Take(3).Select(address => address.ToString()))}"), addresses);
        }
        catch (SocketException e)
        {
            return (new Step(Host, $"the name {Host} cannot be resolved: {e.Message}"), []);
        }
        catch (TimeoutException)
        {
            return (new Step(Host, $"the name {Host} cannot be resolved: no answer within {Patience.TotalSeconds:0} s"), []);
        }
    }

    /// <summary>Connecting a datagram socket asks the kernel for a route, and sends nothing.</summary>
    private Step FindRoute(IPAddress[] addresses)
    {
        string trouble = "";
        foreach (var address in addresses)
        {
            using var socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            try
            {
                socket.Connect(new IPEndPoint(address, options.Port));
                return new Step($"to {address} from {((IPEndPoint)socket.LocalEndPoint!).Address}");
            }
            catch (SocketException e)
            {
                // Its own message repeats the address.
                trouble = $"no route to {address}: {new SocketException((int)e.SocketErrorCode).Message}";
            }
        }
        return new Step(Host, trouble.Length > 0 ? trouble : $"{Host} has no address");
    }

    private async Task<(Step Step, Socket? Socket)> ConnectAsync(IPAddress[] addresses, CancellationToken stop)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await BoundedAsync(async token =>
            {
                await socket.ConnectAsync(addresses, options.Port, token);
                return true;
            }, Patience, stop);
            return (new Step($"{Place} accepts connections"), socket);
        }
        catch (Exception e) when (e is SocketException or TimeoutException)
        {
            socket.Dispose();
            return (new Step(Place, $"{Place} cannot be reached: {(e is TimeoutException ? $"no answer within {Patience.TotalSeconds:0} s" : e.Message)}"), null);
        }
    }

    private async Task<NetworkReading> SecureAsync(Socket socket, NetworkReading reading, CancellationToken stop)
    {
        BrokerTls tls;
        try
        {
            tls = new BrokerTls(options, time);
        }
        catch (BrokerException e)
        {
            return reading with { Tls = new Step(Place, e.Message) };
        }
        using (tls)
        {
            using var secure = new SslStream(new NetworkStream(socket), leaveInnerStreamOpen: false);
            try
            {
                await BoundedAsync(async token =>
                {
                    await secure.AuthenticateAsClientAsync(tls.Options(), token);
                    return true;
                }, HandshakePatience, stop);
                using var certificate = secure.RemoteCertificate is null ? null : X509CertificateLoader.LoadCertificate(secure.RemoteCertificate.GetRawCertData());
                return reading with { Tls = new Step($"{secure.SslProtocol}, {certificate?.Subject}"), BrokerCertificateUntil = certificate?.NotAfter };
            }
            catch (Exception e) when (e is AuthenticationException or IOException or TimeoutException)
            {
                return reading with { Tls = new Step(Place, $"{Place}: {tls.Distrust ?? (e is TimeoutException ? $"no answer to TLS within {HandshakePatience.TotalSeconds:0} s" : tls.ExplainRefusal(e.GetBaseException().Message))}") };
            }
        }
    }

    private async Task<NetworkReading> GreetAsync(NetworkReading reading, CancellationToken stop)
    {
        string id = options.ClientId + "-doctor";
        await using var link = new MqttBrokerLink(options with { ClientId = id, KeepsSession = false }, time);
        try
        {
            await link.ConnectAsync(will: null, stop);
            return reading with { Connack = new Step($"{options.Name} accepts client {id}") };
        }
        catch (BrokerException e)
        {
            return reading with { Connack = new Step(options.Name, e.Message), IsRefused = e.Fault == BrokerFault.Credentials };
        }
    }

    private (string File, DateTimeOffset Until)? DeviceCertificate()
    {
        if (options.CertificateFile is not { } file) return null;
        try
        {
            using var certificate = X509Certificate2.CreateFromPem(File.ReadAllText(file));
            return (file, certificate.NotAfter);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            return null; // the step of TLS says what is wrong with it
        }
    }

    /// <exception cref="TimeoutException">It took too long.</exception>
    private async Task<T> BoundedAsync<T>(Func<CancellationToken, Task<T>> work, TimeSpan patience, CancellationToken stop)
    {
        using var limit = new CancellationTokenSource(patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, limit.Token);
        try
        {
            return await work(either.Token).WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            throw new TimeoutException();
        }
    }
}
