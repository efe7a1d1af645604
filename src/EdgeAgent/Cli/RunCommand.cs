using System.CommandLine;
using System.Runtime.InteropServices;
using EdgeAgent.Can.SocketCan;
using EdgeAgent.Capture;
using EdgeAgent.Diagnostics;
using EdgeAgent.Diagnostics.Local;
using EdgeAgent.Management;
using EdgeAgent.Management.Configuration;
using EdgeAgent.Outbox;
using EdgeAgent.Publishing;
using EdgeAgent.Tenancy;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Systemd;
using Microsoft.Extensions.Logging;

namespace EdgeAgent.Cli;

/// <summary><c>edge-agent run</c>: the service.</summary>
internal static class RunCommand
{
    public static Command Create()
    {
        var config = new Option<string?>("--config") { Description = $"A file that says everything: the device, its tenant and what to capture (default {AgentConfiguration.DefaultPath}).", HelpName = "FILE" };
        var provision = new Option<string?>("--provision") { Description = "A file with the device, the platform's keys and the broker: the rest comes over the broker.", HelpName = "FILE" };
        var state = new Option<string>("--state") { Description = "Where a provisioned device keeps its state.", HelpName = "DIR", DefaultValueFactory = _ => AgentConfiguration.DefaultStateDirectory };
        var socket = new Option<string?>("--socket") { Description = $"Where local users are served (default: {LocalService.DefaultPath} if systemd has made that directory, else agent.sock with the state).", HelpName = "PATH" };
        var command = new Command("run", """
            Captures, buffers and publishes until it is told to stop (SIGTERM, Ctrl+C).

            Exit codes: 0 stopped in order, 1 failed, 2 wrong usage, 5 configuration or store
            refused, 75 to be started anew.

            Example:
              edge-agent run --provision /etc/edge-agent/provision.json \
                --state /var/lib/edge-agent
            """) { config, provision, state, socket };
        command.SetAction((result, cancellation) =>
        {
            if (result.GetValue(config) is not null && result.GetValue(provision) is not null)
                throw new CommandException(ExitCode.WrongUsage, "--config and --provision: one of them is enough");
            if (result.GetResult(state) is { Implicit: false } && result.GetValue(provision) is null)
                throw new CommandException(ExitCode.WrongUsage, "--state goes with --provision; with --config it is /outbox/directory in the file");
            return RunAsync(result.GetValue(config) ?? AgentConfiguration.DefaultPath, result.GetValue(provision), result.GetValue(state)!, result.GetValue(socket));
        });
        return command;
    }

    private static async Task<int> RunAsync(string config, string? provision, string state, string? socket)
    {
        if (string.IsNullOrWhiteSpace(config) || provision is not null && string.IsNullOrWhiteSpace(provision) || string.IsNullOrWhiteSpace(state) || socket is not null && string.IsNullOrWhiteSpace(socket))
            throw new CommandException(ExitCode.WrongUsage, "a file name is missing");
        AgentInputs inputs;
        IReadOnlyList<(string File, int Count)> warnings;
        try
        {
            (inputs, warnings) = Prepare(config, provision, state);
        }
        catch (ConfigurationException e)
        {
            throw new CommandException(ExitCode.InputRefused, e.Message, e);
        }

        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ApplicationName = "edge-agent" });
        // What ends the host is told below.
        builder.Logging.SetMinimumLevel(LogLevel.Trace).AddFilter((_, category, level) => level >= inputs.LogLevel.Current && category?.StartsWith("Microsoft", StringComparison.Ordinal) != true);
        builder.Logging.AddProvider(inputs.RecentLog);
        builder.Services.AddSingleton(inputs).AddSingleton(inputs.Time).AddSingleton<Agent>();
        var journal = LogOutput.AddTo(builder.Logging, inputs.Time);
        // By what the protocol goes by (sd_notify(3)) and not, as AddSystemd does, by the name of the parent process: the service manager may be another.
        if (Environment.GetEnvironmentVariable("NOTIFY_SOCKET") is not null)
        {
            builder.Services.AddSingleton<ISystemdNotifier, TolerantNotifier>().AddSingleton<IHostLifetime, SystemdLifetime>();
            // Before the agent, so that it stops after it and tells how things stood in the end.
            builder.Services.AddHostedService<StatusReporter>();
        }
        var timeout = Watchdog.Timeout(Environment.GetEnvironmentVariable, Environment.ProcessId);
        builder.Services.AddSingleton(services => new Watchdog(
            () => services.GetRequiredService<Agent>().Pulses, timeout ?? Watchdog.UsualTimeout, timeout is null ? null : services.GetService<ISystemdNotifier>(), inputs.Time,
            services.GetRequiredService<ILoggerFactory>().CreateLogger("edge-agent")));
        builder.Services.AddHostedService(services => services.GetRequiredService<Watchdog>());
        builder.Services.AddHostedService(services => services.GetRequiredService<Agent>());
        // After the agent, so that it stops before it.
        builder.Services.AddSingleton<HealthService>().AddHostedService(services => services.GetRequiredService<HealthService>());
        string api = socket ?? LocalService.PathFor(Environment.GetEnvironmentVariable("RUNTIME_DIRECTORY"), inputs.Configuration.Device.StateDirectory);
        builder.Services.AddHostedService(services => new LocalService(
            services.GetRequiredService<Agent>(), services.GetRequiredService<HealthService>(), services.GetRequiredService<Watchdog>(), api, inputs.Configuration.Device.LocalApi, inputs.Time, services.GetRequiredService<ILoggerFactory>()));
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = inputs.Configuration.Device.Drain + TimeSpan.FromSeconds(10));
        using var host = builder.Build();
        var agent = host.Services.GetRequiredService<Agent>();
        var logger = host.Services.GetRequiredService<ILoggerFactory>().CreateLogger("edge-agent");
        if (journal is not null) journal.Owner = () => agent.Owner;
        foreach (var (file, count) in warnings) DiagnosticsLog.DbcWarnings(logger, file, count);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal =>
        {
            signal.Cancel = true;
            host.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
        });
        try
        {
            await host.RunAsync();
        }
        catch (OperationCanceledException)
        {
            // Stopped while it was starting, in order.
        }
        catch (NewerStoreException e)
        {
            throw new CommandException(ExitCode.InputRefused, e.Message, e);
        }
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            throw new CommandException(ExitCode.Failed, e.Message, e);
        }
        return Environment.ExitCode;
    }

    /// <exception cref="ConfigurationException">What the files say cannot be used.</exception>
    internal static (AgentInputs Inputs, IReadOnlyList<(string File, int Count)> Warnings) Prepare(string config, string? provision, string state)
    {
        var time = BootTimeProvider.Instance;
        var configuration = provision is null ? ConfigurationReader.LoadAgent(config) : ConfigurationReader.LoadProvisioning(provision, state);
        RequireFiles(provision ?? config, configuration.Device);
        var compiler = new SourceCompiler(config, new SourceEnvironment(_ => throw new IOException("no artifacts in a file on the device"), CanSocket.Open, new ObdLinks(time), time));
        var sources = compiler.Compile(configuration.Tenant?.Sources ?? []);
        var level = new LogLevelSwitch(configuration.Tenant?.LogLevel ?? LogLevel.Information, time);
        var inputs = new AgentInputs(
            configuration, sources, BootId.OfThisBoot(), time, Random.Shared, ThreadWorkers.Instance, level, new RecentLog(time), DirectoryDisk.OpenRoot, CanSocket.Open, options => new MqttBrokerLink(options, time));
        return (inputs, compiler.Warnings);
    }

    private static void RequireFiles(string path, DeviceConfiguration device)
    {
        var broker = device.Broker;
        (string Pointer, string? File)[] files =
        [
            ("/broker/passwordFile", broker.PasswordFile), ("/broker/authorityFile", broker.AuthorityFile),
            ("/broker/certificateFile", broker.CertificateFile), ("/broker/privateKeyFile", broker.PrivateKeyFile),
            ("/localApi/tokenFile", device.LocalApi?.TokenFile),
        ];
        var mistakes = files.Where(file => file.File is not null)
            .Select(file => (file.Pointer, Trouble: FileTrouble.FindIn(file.File!)))
            .Where(file => file.Trouble is not null)
            .Select(file => new ConfigurationMistake(file.Pointer, file.Trouble!)).ToArray();
        if (mistakes.Length > 0) throw new ConfigurationException(path, mistakes);
    }
}
