using System.CommandLine;
using System.Globalization;
using System.Net;
using EdgeAgent.Cli.Fleet;
using EdgeAgent.Publishing;
using EdgeAgent.Tenancy;

namespace EdgeAgent.Cli;

/// <summary><c>edge-agent fleet</c>: a tenant's devices, from what they publish about themselves.</summary>
internal static class FleetCommand
{
    /// <summary>Three retained messages of each device of a big fleet.</summary>
    private const int MaxWaiting = 3 * FleetRoster.MaxDevices;

    private const double DefaultSeconds = 3, DefaultSilentAfter = 300;

    public static Command Create()
    {
        var broker = new Option<string>("--broker") { Description = "mqtt://HOST[:PORT] or mqtts://HOST[:PORT].", HelpName = "URL", Required = true };
        var tenant = new Option<string>("--tenant") { Description = "Whose devices.", HelpName = "T", Required = true };
        var user = Text("--user", "NAME", "The broker's user; it must be allowed to read the tenant's topics.");
        var passwordFile = Text("--password-file", "FILE", "A file with the password on its first line.");
        var authorityFile = Text("--authority-file", "FILE", "The authorities (PEM) that may have signed the broker's certificate; default: the system's.");
        var certificateFile = Text("--certificate-file", "FILE", "A certificate (PEM) to log in with.");
        var privateKeyFile = Text("--private-key-file", "FILE", "Its key (PEM).");
        var once = new Option<bool>("--once") { Description = "Collects, prints the table and ends; a pipe implies it." };
        var json = new Option<bool>("--json") { Description = "One JSON object a device; implies --once." };
        var seconds = new Option<double>("--seconds") { Description = "How long to collect, 0.1 to 3600.", HelpName = "N", DefaultValueFactory = _ => DefaultSeconds };
        var silentAfter = new Option<double>("--silent-after") { Description = "A device or report that is older, in seconds, does not count; 10 to 86400.", HelpName = "N", DefaultValueFactory = _ => DefaultSilentAfter };
        var metrics = Text("--metrics", "ADDRESS:PORT", "Serves /metrics there for Prometheus until it is told to stop; without a terminal nothing else.");
        var command = new Command("fleet", """
            Watches a tenant's devices: a live table of how they are, the troubled first.

            Exit codes: 0 done, 1 failed, 2 wrong usage.

            Examples:
              edge-agent fleet --broker mqtts://broker.example.com --tenant acme \
                --user viewer --password-file viewer.password
              edge-agent fleet --broker mqtt://127.0.0.1 --tenant acme --json |
                jq 'select(.severity == "bad")'
              edge-agent fleet --broker mqtt://127.0.0.1 --tenant acme \
                --metrics 127.0.0.1:9464
            """) { broker, tenant, user, passwordFile, authorityFile, certificateFile, privateKeyFile, once, json, seconds, silentAfter, metrics };
        command.SetAction(async (result, _) =>
        {
            var options = new FleetOptions(
                Broker(result.GetValue(broker)!) with
                {
                    UserName = result.GetValue(user),
                    PasswordFile = result.GetValue(passwordFile),
                    AuthorityFile = result.GetValue(authorityFile),
                    CertificateFile = result.GetValue(certificateFile),
                    PrivateKeyFile = result.GetValue(privateKeyFile),
                },
                TenantId.TryParse(result.GetValue(tenant), out var id) ? id : throw Wrong($"--tenant: '{result.GetValue(tenant)}' is no tenant id: {Identifier.Expected}"),
                result.GetValue(once), result.GetValue(json),
                Seconds("--seconds", result.GetValue(seconds), 0.1, 3600), Seconds("--silent-after", result.GetValue(silentAfter), 10, 86400),
                result.GetValue(metrics) is { } address ? Address(address) : null);
            if (options.PasswordIsWithoutUser) throw Wrong("--password-file: a password without --user");
            if (options.Metrics is not null && (options.Once || options.Json)) throw Wrong("--metrics serves until it is told to stop; it does not go with --once or --json");
            return await RunAsync(options);
        });
        return command;
    }

    private static async Task<int> RunAsync(FleetOptions options)
    {
        using var stop = new StopSignal();
        try
        {
            await new FleetWatch(options, TimeProvider.System).RunAsync(stop.Token);
            return ExitCode.Done;
        }
        catch (OperationCanceledException) when (stop.Token.IsCancellationRequested)
        {
            return ExitCode.Done;
        }
        catch (BrokerException e)
        {
            throw new CommandException(ExitCode.Failed, FleetOptions.InWordsOfTheCommandLine(e.Message), e);
        }
    }

    private static BrokerOptions Broker(string url)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Scheme is not (BrokerOptions.Scheme or BrokerOptions.SecureScheme)
            || uri.Host.Length == 0 || uri.Port == 0 || uri.UserInfo.Length > 0 || uri.AbsolutePath is not ("" or "/") || uri.Query.Length > 0)
            throw Wrong($"--broker: '{url}' is no broker: expected mqtt://HOST[:PORT] or mqtts://HOST[:PORT], without user or password");
        return new BrokerOptions(uri, $"edge-agent-fleet-{Guid.NewGuid():N}") { KeepsSession = false, MaxWaiting = MaxWaiting };
    }

    private static IPEndPoint Address(string text)
    {
        string numeric = text.StartsWith("localhost:", StringComparison.Ordinal) ? $"{IPAddress.Loopback}:{text["localhost:".Length..]}" : text;
        // Without the colon a number alone would be taken for an address.
        return numeric.LastIndexOf(':') is > 0 and var colon && ushort.TryParse(numeric.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out _)
            && IPEndPoint.TryParse(numeric, out var address) ? address : throw Wrong($"--metrics: '{text}' is no address: expected as 127.0.0.1:9464 or [::1]:9464");
    }

    private static TimeSpan Seconds(string name, double seconds, double from, double to) =>
        seconds >= from && seconds <= to ? TimeSpan.FromSeconds(seconds) : throw Wrong(string.Create(CultureInfo.InvariantCulture, $"{name}: {seconds} is not from {from} to {to}"));

    private static Option<string?> Text(string name, string value, string description) => new(name) { Description = description, HelpName = value };

    private static CommandException Wrong(string message) => new(ExitCode.WrongUsage, message);
}
