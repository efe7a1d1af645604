using System.Text.Json.Nodes;
using EdgeAgent.Tenancy.Access;
using Microsoft.Extensions.Logging;

namespace EdgeAgent.Management.Commands;

/// <summary><c>ping</c>: the device is there, and what its clock says.</summary>
internal sealed class PingOperation(TimeProvider time) : IOperation
{
    public Operation Name => Operation.Ping;

    public Task<JsonObject> RunAsync(OperationArguments arguments, CancellationToken stop)
    {
        arguments.Expect();
        return Task.FromResult(new JsonObject { ["time"] = time.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", System.Globalization.CultureInfo.InvariantCulture) });
    }
}

/// <summary><c>log.level</c>: another level for up to an hour.</summary>
internal sealed class LogLevelOperation(LogLevelSwitch logLevel) : IOperation
{
    private const long MaxSeconds = 3600, DefaultSeconds = 600;

    public Operation Name => Operation.SetLogLevel;

    public Task<JsonObject> RunAsync(OperationArguments arguments, CancellationToken stop)
    {
        arguments.Expect("level", "seconds");
        string word = arguments.Word("level", "trace", "debug", "information", "warning", "error");
        long seconds = arguments.TryWhole("seconds", 1, MaxSeconds) ?? DefaultSeconds;
        logLevel.Set(Enum.Parse<LogLevel>(word, ignoreCase: true), TimeSpan.FromSeconds(seconds));
        return Task.FromResult(new JsonObject { ["level"] = word, ["seconds"] = seconds, ["afterwards"] = logLevel.Configured.ToString().ToLowerInvariant() });
    }
}

/// <summary><c>outbox.flush</c>: what waits is stored, and published as soon as it can be.</summary>
internal sealed class FlushOutboxOperation(Func<JsonObject> flush) : IOperation
{
    public Operation Name => Operation.FlushOutbox;

    public Task<JsonObject> RunAsync(OperationArguments arguments, CancellationToken stop)
    {
        arguments.Expect();
        return Task.FromResult(flush());
    }
}

/// <summary><c>agent.restart</c>: the agent ends when the answer is stored, and the service manager starts it anew.</summary>
internal sealed class RestartAgentOperation(Action restart) : IOperation
{
    public Operation Name => Operation.RestartAgent;

    public Task<JsonObject> RunAsync(OperationArguments arguments, CancellationToken stop)
    {
        arguments.Expect();
        return Task.FromResult(new JsonObject());
    }

    public void Answered() => restart();
}
