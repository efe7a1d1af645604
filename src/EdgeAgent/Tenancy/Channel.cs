using System.Diagnostics.CodeAnalysis;

namespace EdgeAgent.Tenancy;

/// <summary>What is numbered together: a receiver sees for each record of a stream whether it arrived.</summary>
internal enum RecordStream
{
    /// <summary>Samples, numbered one by one.</summary>
    Telemetry,

    /// <summary>Everything else: events, command results, health, raw capture; a number a message.</summary>
    Messages,
}

/// <summary>What is kept longest when there is no room for all.</summary>
internal enum Priority
{
    /// <summary>Evicted first: health and raw capture.</summary>
    Low,

    /// <summary>Samples.</summary>
    Normal,

    /// <summary>Events and command results: evicted last, and on the disk, synced, before anything else happens to them.</summary>
    High,
}

/// <summary>
/// Where below <c>tenants/{tenant}/devices/{device}/</c> a record is published. Made only here, from checked names, so that no topic can
/// leave the tenant's own branch.
/// </summary>
internal readonly record struct Channel
{
    private const string Events = "events/", Responses = "responses/";

    /// <summary>An event's name has at most so many levels.</summary>
    private const int MaxLevels = 8;

    private readonly string? _path;

    private Channel(string path) => _path = path;

    public static Channel Telemetry { get; } = new("telemetry");

    public static Channel Health { get; } = new("health");

    /// <summary>Raw frames, as can-utils writes them.</summary>
    public static Channel Raw { get; } = new("raw");

    /// <summary>The topic below the device's.</summary>
    public string Path => _path ?? throw new InvalidOperationException("A channel that was never set.");

    public RecordStream Stream => _path == Telemetry._path ? RecordStream.Telemetry : RecordStream.Messages;

    public Priority Priority => _path == Telemetry._path ? Priority.Normal : _path == Health._path || _path == Raw._path ? Priority.Low : Priority.High;

    /// <summary>An event such as <c>vehicle/engine/running</c>: up to 8 levels, each an <see cref="Identifier"/>.</summary>
    public static Channel Event(string name) => TryParse(Events + name, out var channel) ? channel : throw new FormatException($"'{name}' is no event: {Expected}");

    /// <summary>The result of a command.</summary>
    public static Channel Response(string commandId) => TryParse(Responses + commandId, out var channel) ? channel : throw new FormatException($"'{commandId}' is no command id: {Identifier.Expected}");

    public static bool TryParse([NotNullWhen(true)] string? path, out Channel channel)
    {
        bool isValid = path is not null && (path == Telemetry._path || path == Health._path || path == Raw._path || IsEvent(path) || IsResponse(path));
        channel = isValid ? new Channel(path!) : default;
        return isValid;
    }

    public override string ToString() => Path;

    private const string Expected = "up to 8 levels separated by '/', each " + Identifier.Expected;

    private static bool IsEvent(string path)
    {
        if (!path.StartsWith(Events, StringComparison.Ordinal)) return false;
        string[] levels = path[Events.Length..].Split('/');
        return levels.Length <= MaxLevels && levels.All(level => Identifier.IsValid(level));
    }

    private static bool IsResponse(string path) =>
        path.StartsWith(Responses, StringComparison.Ordinal) && Identifier.IsValid(path.AsSpan(Responses.Length));
}
