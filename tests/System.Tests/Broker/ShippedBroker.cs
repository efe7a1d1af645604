using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using EdgeAgent.Publishing;

namespace EdgeAgent.SystemTests.Broker;

/// <summary>A real mosquitto with the files of packaging/broker. Of these only directories and ports are changed; every certificate is made by
/// certificates.sh, every rule by acl.sh.</summary>
internal sealed class ShippedBroker : IAsyncDisposable
{
    private const string ShippedDirectory = "/etc/mosquitto/edge-agent/";

    private readonly StringBuilder _log = new();
    private readonly string _directory = Directory.CreateTempSubdirectory("edge-agent-broker-").FullName;
    private Process? _process;

    private ShippedBroker()
    {
        using TcpListener tls = new(IPAddress.Loopback, 0), password = new(IPAddress.Loopback, 0);
        tls.Start();
        password.Start();
        (Port, PasswordPort) = (((IPEndPoint)tls.LocalEndpoint).Port, ((IPEndPoint)password.LocalEndpoint).Port);
    }

    /// <summary>For clients with certificates.</summary>
    public int Port { get; }

    public int PasswordPort { get; }

    public string Log
    {
        get
        {
            lock (_log) return _log.ToString();
        }
    }

    private static string Packaging => Path.Combine(Rig.Root, "packaging", "broker");

    public string this[string file] => Path.Combine(_directory, file);

    public static async Task<ShippedBroker> StartAsync()
    {
        Rig.Require("mosquitto", "mosquitto_passwd", "openssl");
        var broker = new ShippedBroker();
        await broker.CertifyAsync("server", "127.0.0.1", "localhost");
        await broker.CertifyAsync("client", "dongle-1", "dongle-2", "dongle-3", "tenant.acme", "tenant.bravo", "platform");
        File.Copy(Path.Combine(Packaging, "mosquitto", "acl"), broker["acl"]);
        await Rig.RunAsync("mosquitto_passwd", ["-b", "-c", broker["passwords"], "dongle-1", "secret"]);
        string configuration = await File.ReadAllTextAsync(Path.Combine(Packaging, "mosquitto", "mosquitto.conf"));
        configuration = configuration
            .Replace(ShippedDirectory, broker._directory + "/", StringComparison.Ordinal)
            .Replace("/var/lib/mosquitto/", broker._directory + "/", StringComparison.Ordinal)
            .Replace("listener 8883", $"listener {broker.Port} 127.0.0.1", StringComparison.Ordinal)
            .Replace("listener 8884", $"listener {broker.PasswordPort} 127.0.0.1", StringComparison.Ordinal);
        Assert.DoesNotContain(configuration.Split('\n'), line => !line.StartsWith('#') && line.Contains("/etc/", StringComparison.Ordinal));
        await File.WriteAllTextAsync(broker["mosquitto.conf"], configuration + "user root\n");
        broker.Start();
        await broker.UntilLogAsync(" running");
        return broker;
    }

    /// <summary>Makes certificates, which replace those of the same name.</summary>
    public Task CertifyAsync(string kind, params string[] names) => CertifyAsync(_directory, days: 365, kind, names);

    /// <summary>Makes certificates of another authority or with another life; a negative one is over.</summary>
    public static async Task CertifyAsync(string directory, int days, string kind, params string[] names)
    {
        var result = await Rig.RunAsync("env", [$"DAYS={days}", Path.Combine(Packaging, "certificates.sh"), directory, kind, .. names]);
        Assert.True(result.ExitCode == 0, result.Errors);
    }

    /// <summary>Has the broker read its files again.</summary>
    public async Task ReloadAsync()
    {
        int before = Log.Length;
        await Rig.RunAsync("bash", ["-c", $"kill -HUP {_process!.Id}"]);
        await UntilLogAsync("Reloading config", before);
    }

    /// <summary>Makes the rules of another table of devices and has the broker read them.</summary>
    public async Task AssignAsync(string devices)
    {
        await File.WriteAllTextAsync(this["devices.csv"], devices);
        var result = await Rig.RunAsync(Path.Combine(Packaging, "acl.sh"), ["mosquitto", this["devices.csv"]]);
        Assert.True(result.ExitCode == 0, result.Errors);
        await File.WriteAllTextAsync(this["acl"], result.Output);
        await ReloadAsync();
    }

    /// <summary>Ends it in order, so that it saves its sessions, and starts it again.</summary>
    public async Task RestartAsync()
    {
        int before = Log.Length;
        await Rig.RunAsync("bash", ["-c", $"kill -TERM {_process!.Id}"]);
        await _process.WaitForExitAsync();
        _process.Dispose();
        Start();
        await UntilLogAsync(" running", before);
    }

    /// <summary>How the agent of a device, or anybody else, would connect.</summary>
    public BrokerOptions Options(string name) => new(new Uri($"mqtts://127.0.0.1:{Port}"), name)
    {
        AuthorityFile = this["authority.pem"],
        CertificateFile = this[$"{name}.pem"],
        PrivateKeyFile = this[$"{name}.key"],
    };

    /// <summary>A connection that keeps what it is sent.</summary>
    public async Task<Client> ConnectAsync(string name)
    {
        var client = new Client(Options(name));
        await client.Link.ConnectAsync(will: null, TestContext.Current.CancellationToken);
        return client;
    }

    public async Task UntilLogAsync(string text, int from = 0)
    {
        using var timeout = new CancellationTokenSource(Rig.Patience, TimeProvider.System);
        while (!Log[from..].Contains(text, StringComparison.Ordinal))
        {
            Assert.False(_process!.HasExited, Log);
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, timeout.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
            _process.Dispose();
        }
        Directory.Delete(_directory, recursive: true);
    }

    private void Start()
    {
        _process = Process.Start(new ProcessStartInfo("mosquitto", ["-c", this["mosquitto.conf"]]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        _process.OutputDataReceived += Add;
        _process.ErrorDataReceived += Add;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();

        void Add(object sender, DataReceivedEventArgs line)
        {
            lock (_log) _log.AppendLine(line.Data);
        }
    }

    /// <summary>A link of ours, for whoever connects.</summary>
    internal sealed class Client : IAsyncDisposable
    {
        private readonly List<string> _received = [];

        public Client(BrokerOptions options)
        {
            Link = new MqttBrokerLink(options, TimeProvider.System);
            Link.Received = message =>
            {
                lock (_received) _received.Add(message.Topic);
                return Task.CompletedTask;
            };
        }

        public MqttBrokerLink Link { get; }

        public string[] Received
        {
            get
            {
                lock (_received) return [.. _received.Order(StringComparer.Ordinal)];
            }
        }

        public Task<IReadOnlyList<RefusedSubscription>> SubscribeAsync(params string[] filters) => Link.SubscribeAsync(filters, TestContext.Current.CancellationToken);

        /// <summary>True if the broker takes it.</summary>
        public async Task<bool> PublishAsync(string topic, bool retain = false)
        {
            try
            {
                await Link.PublishAsync(new Publication(topic, "x"u8.ToArray(), "text/plain", retain), TestContext.Current.CancellationToken);
                return true;
            }
            catch (PublicationRefusedException e)
            {
                Assert.Contains("NotAuthorized (0x87)", e.Message, StringComparison.Ordinal);
                return false;
            }
        }

        /// <summary>Waits for a message, which comes after everything that was published before it.</summary>
        public async Task UntilAsync(string topic)
        {
            using var timeout = new CancellationTokenSource(Rig.Patience, TimeProvider.System);
            while (!Received.Contains(topic)) await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, timeout.Token);
        }

        public ValueTask DisposeAsync() => Link.DisposeAsync();
    }
}
