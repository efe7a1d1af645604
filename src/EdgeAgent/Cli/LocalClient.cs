using System.CommandLine;
using System.Net.ServerSentEvents;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json.Nodes;
using EdgeAgent.Diagnostics.Local;
using EdgeAgent.Management.Configuration;
using EdgeAgent.Tenancy.Access;

namespace EdgeAgent.Cli;

/// <summary>Asks the agent that runs on this device.</summary>
internal static class LocalClient
{
    private const string Address = "http://localhost";

    /// <summary>Longer than any operation takes; the agent limits each.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    public static Option<string?> Socket() => new("--socket") { Description = $"Where the agent serves local users (default {LocalService.DefaultPath}).", HelpName = "PATH" };

    public static Option<bool> Json() => new("--json") { Description = "Prints the answer as one JSON object." };

    /// <summary>Has the operation done.</summary>
    /// <returns>The answer, and what it means to the shell.</returns>
    /// <exception cref="CommandException">The agent cannot be asked.</exception>
    public static async Task<(JsonObject Answer, int ExitCode)> AskAsync(string? socket, Operation operation, JsonObject arguments, CancellationToken stop)
    {
        string path = PathOf(socket);
        using var client = await ClientAsync(path, Patience, stop);
        try
        {
            using var content = new StringContent(arguments.ToJsonString(), Encoding.UTF8, "application/json");
            using var response = await client.PostAsync($"{Address}{LocalRoute.Operations.Path.Replace("{name}", operation.Name, StringComparison.Ordinal)}", content, stop);
            return await ReadAsync(response, path, stop);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or System.Text.Json.JsonException)
        {
            throw Closed(path, e);
        }
        catch (OperationCanceledException e) when (!stop.IsCancellationRequested)
        {
            throw new CommandException(ExitCode.Failed, $"{path}: no answer within {Patience.TotalMinutes} minutes", e);
        }
    }

    /// <summary>What the agent shows at a path, as it comes, until it ends.</summary>
    /// <exception cref="CommandException">The agent cannot be asked, or refuses.</exception>
    /// <exception cref="IOException">The connection was lost.</exception>
    public static async IAsyncEnumerable<SseItem<string>> EventsAsync(string? socket, string resource, [EnumeratorCancellation] CancellationToken stop)
    {
        string path = PathOf(socket);
        using var client = await ClientAsync(path, Timeout.InfiniteTimeSpan, stop);
        using var request = new HttpRequestMessage(HttpMethod.Get, Address + resource);
        request.Headers.Accept.ParseAdd(EventStream.ContentType);
        using var response = await BeginAsync(client, request, path, stop);
        if (!response.IsSuccessStatusCode)
        {
            var (answer, exitCode) = await ReadAsync(response, path, stop);
            throw new CommandException(exitCode, answer["error"]?["message"]?.GetValue<string>() ?? $"{path}: refused");
        }
        await foreach (var item in SseParser.Create(await response.Content.ReadAsStreamAsync(stop)).EnumerateAsync(stop)) yield return item;
    }

    /// <summary>Why it was not done.</summary>
    public static CommandException Refusal(Operation operation, JsonObject answer, int exitCode) =>
        new(exitCode, $"{operation}: {answer["error"]?["message"]?.GetValue<string>() ?? "refused"}");

    private static async Task<HttpResponseMessage> BeginAsync(HttpClient client, HttpRequestMessage request, string path, CancellationToken stop)
    {
        try
        {
            return await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stop);
        }
        catch (HttpRequestException e)
        {
            throw Closed(path, e);
        }
    }

    private static async Task<(JsonObject Answer, int ExitCode)> ReadAsync(HttpResponseMessage response, string path, CancellationToken stop)
    {
        int status = (int)response.StatusCode;
        return JsonNode.Parse(await response.Content.ReadAsStringAsync(stop)) is JsonObject answer
            ? (answer, ExitCodeOf(status)) : throw new CommandException(ExitCode.Failed, $"{path}: {status}, without a word");
    }

    private static CommandException Closed(string path, Exception e) =>
        new(ExitCode.Failed, $"{path}: the agent ended or closed the connection before it answered; try again", e);

    private static int ExitCodeOf(int status) => status switch
    {
        200 => ExitCode.Done,
        400 or 413 => ExitCode.InputRefused,
        403 or 429 => ExitCode.NotPermitted,
        _ => ExitCode.Failed,
    };

    private static string PathOf(string? socket)
    {
        string path = socket ?? Default();
        return string.IsNullOrWhiteSpace(path) ? throw new CommandException(ExitCode.WrongUsage, "--socket: a file name is missing") : path;
    }

    /// <summary>For one connection, which is there.</summary>
    private static async Task<HttpClient> ClientAsync(string path, TimeSpan patience, CancellationToken stop)
    {
        var connection = await ConnectAsync(path, stop);
        return new HttpClient(new SocketsHttpHandler { UseProxy = false, ConnectCallback = (_, _) => ValueTask.FromResult<Stream>(new NetworkStream(connection, ownsSocket: true)) }) { Timeout = patience };
    }

    /// <summary>An agent without a directory in /run has its socket with its state.</summary>
    private static string Default()
    {
        string withState = LocalService.PathFor(null, AgentConfiguration.DefaultStateDirectory);
        return File.Exists(withState) ? withState : LocalService.DefaultPath;
    }

    private static async Task<Socket> ConnectAsync(string path, CancellationToken stop)
    {
        if (Encoding.UTF8.GetByteCount(path) > LocalSocket.MaxPathBytes) throw new CommandException(ExitCode.WrongUsage, $"--socket: longer than the {LocalSocket.MaxPathBytes} bytes that the path of a socket may have");
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), stop);
            return socket;
        }
        catch (SocketException e)
        {
            socket.Dispose();
            if (e.SocketErrorCode == SocketError.AccessDenied) throw new CommandException(ExitCode.NotPermitted, $"{path}: this user may not connect there: {e.Message}", e);
            string why = e.SocketErrorCode == SocketError.ConnectionRefused ? "nobody listens there any more" : "there is no such socket";
            throw new CommandException(ExitCode.NotRunning, $"{path}: {why}: the agent does not run; start it with: systemctl start edge-agent, or name its socket with --socket PATH", e);
        }
    }
}
