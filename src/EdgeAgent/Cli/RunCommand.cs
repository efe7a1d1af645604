using System.CommandLine;
using System.Runtime.InteropServices;
using EdgeAgent.Capture;
using EdgeAgent.Diagnostics;
using EdgeAgent.Management;
using EdgeAgent.Publishing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Systemd;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace EdgeAgent.Cli;

/// <summary><c>edge-agent run</c>: the service.</summary>
internal static class RunCommand
{
    public static Command Create()
    {
        var config = new Option<string>("--config") { Description = "The agent's configuration.", HelpName = "FILE", DefaultValueFactory = _ => AgentConfiguration.DefaultPath };
        var command = new Command("run", "Captures, buffers and publishes until it is told to stop (SIGTERM, Ctrl+C).") { config };
        command.SetAction((result, cancellation) => RunAsync(result.GetValue(config)!));
        return command;
    }

    private static async Task<int> RunAsync(string path)
    {
        if (string.IsNullOrWhiteSpace(path)) throw new CommandException(ExitCode.WrongUsage, "--config: a file name is missing");
        AgentInputs inputs;
        try
        {
            var configuration = ConfigurationReader.Load(path);
            var compiler = new SourceCompiler(path, BootTimeProvider.Instance);
            var sources = compiler.Compile(configuration);
            inputs = new AgentInputs(configuration, sources, compiler.Warnings, BootTimeProvider.Instance, options => new MqttBrokerLink(options, BootTimeProvider.Instance));
        }
        catch (ConfigurationException e)
        {
            throw new CommandException(ExitCode.InputRefused, e.Message, e);
        }

        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ApplicationName = "edge-agent" });
        builder.Logging.SetMinimumLevel(inputs.Configuration.LogLevel).AddFilter("Microsoft", LogLevel.None); // what ends the host is told below
        builder.Services.AddSingleton(inputs).AddSingleton(inputs.Time).AddSingleton<Agent>();
        // Words go to stderr: to the journal with priorities, to anything else with the time.
        builder.Logging.AddConsole(options => options.LogToStandardErrorThreshold = LogLevel.Trace);
        if (JournalStream.IsStandardError()) builder.Logging.AddSystemdConsole();
        else builder.Logging.AddSimpleConsole(Readable);
        // By what the protocol goes by (sd_notify(3)) and not, as AddSystemd does, by the name of the parent process: the service manager may be another.
        if (Environment.GetEnvironmentVariable("NOTIFY_SOCKET") is not null)
        {
            builder.Services.AddSingleton<ISystemdNotifier, TolerantNotifier>().AddSingleton<IHostLifetime, SystemdLifetime>();
            // Before the agent, so that it stops after it and tells how things stood in the end.
            builder.Services.AddHostedService<StatusReporter>();
        }
        builder.Services.AddHostedService(services => services.GetRequiredService<Agent>());
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = inputs.Configuration.Drain + TimeSpan.FromSeconds(10));
        using var host = builder.Build();
        WarnOfDbcFiles(host.Services.GetRequiredService<ILoggerFactory>().CreateLogger("edge-agent"), inputs);
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
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            throw new CommandException(ExitCode.Failed, e.Message, e);
        }
        return Environment.ExitCode;
    }

    private static void WarnOfDbcFiles(ILogger logger, AgentInputs inputs)
    {
        foreach (var (file, count) in inputs.DbcWarnings) DiagnosticsLog.DbcWarnings(logger, file, count);
    }

    private static void Readable(SimpleConsoleFormatterOptions options)
    {
        options.SingleLine = true;
        options.TimestampFormat = "HH:mm:ss ";
        options.ColorBehavior = Console.IsErrorRedirected ? LoggerColorBehavior.Disabled : LoggerColorBehavior.Default;
    }
}
