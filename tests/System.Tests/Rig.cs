using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace EdgeAgent.SystemTests;

/// <summary>The real parts that these tests run with, and how to skip by name what is missing.</summary>
internal static class Rig
{
    /// <summary>How long a test waits for what has to come: on a busy machine everything takes its time.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    /// <summary>The tests that run in a guest, one after another: two at once get in each other's way more than they gain.</summary>
    public const string Guests = "guests";

    /// <summary>How long something may take in a guest, in seconds, and then how long one waits for it.</summary>
    private const string GuestSeconds = "1500";

    /// <inheritdoc cref="GuestSeconds"/>
    public static readonly TimeSpan GuestPatience = TimeSpan.FromMinutes(27);

    public static string Root { get; } = FindRoot();

    public static string Vehicle => Path.Combine(Root, "demo", "vehicle.dbc");

    public static string Drive => Path.Combine(Root, "demo", "drive.log");

    /// <summary>The published Native AOT binary.</summary>
    public static string Agent
    {
        get
        {
            string? path = Environment.GetEnvironmentVariable("EDGE_AGENT_BINARY");
            if (path is null || !File.Exists(path)) Assert.Skip("no published agent: run ./build.sh test, or ./build.sh publish and set EDGE_AGENT_BINARY");
            return path;
        }
    }

    /// <summary>The folder of test data that is not part of this project, or null.</summary>
    public static string? SharedData
    {
        get
        {
            string path = Path.GetFullPath(Path.Combine(Root, "..", "shared", "data"));
            return Directory.Exists(path) ? path : null;
        }
    }

    public static void Require(params string[] programs)
    {
        string[] places = [.. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':'), "/usr/sbin", "/sbin"];
        foreach (string program in programs)
        {
            if (!places.Any(place => File.Exists(Path.Combine(place, program)))) Assert.Skip($"{program} is missing: apt-get install -y {PackageOf(program)}");
        }
    }

    /// <summary>What the agent's own auditor says of what a subscriber received: each number is there or accounted for, and nothing else is.</summary>
    public static async Task VerifyLedgerAsync(string received)
    {
        var verified = await RunAsync(Agent, ["ledger", "verify", "--received", received]);
        Assert.True(verified.ExitCode == 0, verified.Output + verified.Errors);
    }

    /// <summary>Sends a signal, as kill(1) does.</summary>
    public static Task SignalAsync(int process, string signal) => RunAsync("bash", ["-c", $"kill -{signal} {process}"]);

    /// <summary>A port of the loopback that is free now.</summary>
    public static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    /// <summary>Runs a scenario on real SocketCAN and returns the directory with what it left.</summary>
    /// <param name="name">The script below scenarios.</param>
    /// <param name="dbc">Its DBC file.</param>
    /// <param name="log">Its log.</param>
    /// <param name="output">Gets what it and the agent said.</param>
    /// <param name="inGuest">True if it does to its machine what must not be done to this one.</param>
    public static async Task<string> RunScenarioAsync(string name, string dbc, string log, ITestOutputHelper output, bool inGuest = false)
    {
        Require("mosquitto", "mosquitto_sub", "canplayer", "cansend", "ip");
        List<string> command = [Path.Combine(Root, "tests", "System.Tests", "scenarios", name), "", Agent, dbc, log];
        if (inGuest || !Directory.Exists("/sys/class/net/vcan0"))
        {
            command.InsertRange(0, Guest);
        }
        string directory = Directory.CreateTempSubdirectory("edge-agent-scenario-").FullName;
        command[command.IndexOf("")] = directory;
        var result = await RunAsync("bash", command, input: null, GuestPatience);
        output.WriteLine(result.Output + result.Errors);
        string agentLog = Path.Combine(directory, "agent.log");
        if (File.Exists(agentLog)) output.WriteLine(await File.ReadAllTextAsync(agentLog));
        Assert.Equal(0, result.ExitCode);
        return directory;
    }

    /// <summary>What to put before a command so that it runs in a guest, with real SocketCAN.</summary>
    public static string[] Guest
    {
        get
        {
            Require("linux.uml");
            return [Path.Combine(Root, "tests", "rig", "with-vcan.sh"), "--timeout", GuestSeconds];
        }
    }

    public static async Task<ProgramResult> RunAsync(string program, IEnumerable<string> arguments, string? input = null, TimeSpan? limit = null)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        using var process = Process.Start(start)!;
        using var timeout = new CancellationTokenSource(limit ?? Patience, TimeProvider.System);
        var reading = Task.WhenAll(process.StandardOutput.ReadToEndAsync(timeout.Token), process.StandardError.ReadToEndAsync(timeout.Token));
        try
        {
            if (input is not null) await process.StandardInput.WriteAsync(input);
            process.StandardInput.Close();
            string[] texts = await reading;
            await process.WaitForExitAsync(timeout.Token);
            return new ProgramResult(process.ExitCode, texts[0], texts[1]);
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }

    private static string PackageOf(string program) => program switch
    {
        "mosquitto_sub" => "mosquitto-clients",
        "canplayer" or "cansend" => "can-utils",
        "ip" => "iproute2",
        "linux.uml" => "user-mode-linux",
        "protoc" => "protobuf-compiler",
        _ => program,
    };

    private static string FindRoot()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "EdgeAgent.sln"))) directory = directory.Parent;
        return directory?.FullName ?? throw new InvalidOperationException($"no EdgeAgent.sln above {AppContext.BaseDirectory}");
    }
}

internal sealed record ProgramResult(int ExitCode, string Output, string Errors);
