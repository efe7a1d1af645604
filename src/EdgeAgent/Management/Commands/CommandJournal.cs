using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeAgent.Outbox;
using EdgeAgent.Tenancy;
using EdgeAgent.Tenancy.Documents;
using Microsoft.Extensions.Logging;

namespace EdgeAgent.Management.Commands;

/// <summary>
/// Which commands were begun and which answered, on the disk before either happens, so that none is executed twice whatever happens to the
/// device. A command that was begun and has not expired is never forgotten; of those that were refused at once the latest are remembered, so
/// that who may do little cannot fill it. Used under one lock.
/// </summary>
internal sealed class CommandJournal
{
    /// <summary>The most commands that are remembered.</summary>
    public const int Capacity = 1024;

    /// <summary>The most of one signer that have not expired.</summary>
    public const int Share = 256;

    /// <summary>The most refusals that are remembered.</summary>
    public const int KeptRefusals = 64;

    /// <summary>So many are remembered even though they have expired, so that their repetitions stay without another answer.</summary>
    private const int KeptExpired = 128;

    private const string Started = "started", Answered = "answered", Refused = "refused";

    private readonly IDisk _disk;
    private readonly string _path;
    private readonly List<JournalEntry> _entries;
    private readonly long _notBefore;
    private long _forgotten;

    private CommandJournal(IDisk disk, string path, List<JournalEntry> entries, long forgotten, long notBefore)
    {
        _disk = disk;
        _path = path;
        _entries = entries;
        _forgotten = forgotten;
        _notBefore = notBefore;
    }

    /// <summary>Those that were begun and not answered, or whose answer may not have been recorded, in their order.</summary>
    public IReadOnlyList<JournalEntry> Open => [.. _entries.Where(entry => !entry.IsAnswered || entry.Answer is not null)];

    /// <summary>Of a damaged file a copy is set aside.</summary>
    /// <exception cref="IOException">The disk cannot be read.</exception>
    public static CommandJournal Load(IDisk disk, TenantId tenant, DateTimeOffset now, ILogger logger)
    {
        string path = $"tenants/{tenant}/commands.json";
        if (disk.TryRead(path) is not { } content) return new CommandJournal(disk, path, [], 0, 0);
        List<ConfigurationMistake> mistakes = [];
        if (StrictJson.TryParse(content, out var root, out var mistake))
        {
            var journal = Read(disk, path, root, mistakes);
            if (mistakes.Count == 0) return journal;
        }
        string copy = $"{path}.damaged";
        disk.Rename(path, copy);
        CommandsLog.JournalDamaged(logger, path, copy, (mistake ?? mistakes[0]).ToString());
        var empty = new CommandJournal(disk, path, [], 0, now.ToUnixTimeSeconds());
        empty.Save();
        return empty;
    }

    public bool Knows(string id) => _entries.Exists(entry => entry.Id == id);

    /// <summary>
    /// True for a command that may have been executed and forgotten since: when the clock was set back, what had expired seems not to have.
    /// </summary>
    public bool MayBeForgotten(CommandDocument command) => command.Expires.ToUnixTimeSeconds() <= _forgotten || command.Issued.ToUnixTimeSeconds() < _notBefore;

    /// <summary>Notes that a command is about to be executed, durably.</summary>
    /// <returns>False if there is no room: <see cref="Share"/> commands of its signer, or <see cref="Capacity"/> of all, have not expired.</returns>
    /// <exception cref="IOException">It could not be noted, and must not be executed.</exception>
    public bool TryBegin(CommandDocument command, DateTimeOffset time)
    {
        long now = time.ToUnixTimeSeconds();
        MakeRoom(now);
        if (_entries.Count(entry => entry.Signer == command.Signer.Id && entry.Expires >= now && !entry.IsRefused) >= Share) return false;
        while (_entries.Count >= Capacity && TryDropRefusal(now))
        {
        }
        if (_entries.Count >= Capacity) return false;
        Add(new JournalEntry(command.Id, command.Operation, command.Expires.ToUnixTimeSeconds(), IsAnswered: false, Answer: null) { Signer = command.Signer.Id });
        return true;
    }

    /// <summary>Notes that a command is not begun, and the answer. Without room for it nothing is noted.</summary>
    /// <exception cref="IOException">It could not be noted.</exception>
    public void Refuse(CommandDocument command, JsonObject answer, DateTimeOffset time)
    {
        long now = time.ToUnixTimeSeconds();
        MakeRoom(now);
        while (_entries.Count(entry => entry.IsRefused) >= KeptRefusals && TryDropRefusal(now))
        {
        }
        if (_entries.Count >= Capacity) return;
        Add(new JournalEntry(command.Id, command.Operation, command.Expires.ToUnixTimeSeconds(), IsAnswered: true, answer) { Signer = command.Signer.Id, IsRefused = true });
    }

    private void Add(JournalEntry entry)
    {
        _entries.Add(entry);
        try
        {
            Save();
        }
        catch
        {
            _entries.RemoveAt(_entries.Count - 1);
            throw;
        }
    }

    /// <summary>Notes the answer before it is recorded: after a power cut it is recorded from here.</summary>
    /// <exception cref="IOException">It could not be noted on the disk; in memory it is.</exception>
    public void Answer(string id, JsonObject answer) => Change(id, entry => entry with { IsAnswered = true, Answer = answer });

    /// <summary>Notes that the answer is recorded and need not be kept, if the command is known.</summary>
    /// <exception cref="IOException">The same.</exception>
    public void Forget(string id) => Change(id, entry => entry with { Answer = null });

    private void Change(string id, Func<JournalEntry, JournalEntry> change)
    {
        int at = _entries.FindIndex(entry => entry.Id == id);
        if (at < 0) return;
        _entries[at] = change(_entries[at]);
        Save();
    }

    /// <summary>Drops what has expired and is answered, oldest first, beyond what is kept anyway.</summary>
    private void MakeRoom(long now)
    {
        for (int i = 0; i < _entries.Count && _entries.Count >= KeptExpired;)
        {
            var entry = _entries[i];
            if (entry.Expires >= now || !entry.IsAnswered || entry.Answer is not null)
            {
                i++;
                continue;
            }
            Drop(i, now);
        }
    }

    private bool TryDropRefusal(long now)
    {
        int at = _entries.FindIndex(entry => entry.IsRefused);
        if (at >= 0) Drop(at, now);
        return at >= 0;
    }

    private void Drop(int at, long now)
    {
        // A refusal that is dropped before its time says nothing of other commands.
        if (_entries[at].Expires < now) _forgotten = Math.Max(_forgotten, _entries[at].Expires);
        _entries.RemoveAt(at);
    }

    private void Save() => _disk.Replace(_path, Encoding.UTF8.GetBytes(new JsonObject
    {
        ["forgotten"] = _forgotten,
        ["notBefore"] = _notBefore,
        ["commands"] = new JsonArray([.. _entries.Select(entry => new JsonObject
        {
            ["id"] = entry.Id,
            ["operation"] = entry.Operation,
            ["expires"] = entry.Expires,
            ["signer"] = entry.Signer,
            ["state"] = entry.IsRefused ? Refused : entry.IsAnswered ? Answered : Started,
            ["answer"] = entry.Answer?.DeepClone(),
        })]),
    }.ToJsonString()));

    private static CommandJournal Read(IDisk disk, string path, JsonElement root, List<ConfigurationMistake> mistakes)
    {
        var reader = new ObjectReader(root, "", mistakes, "forgotten", "notBefore", "commands");
        long? forgotten = reader.Whole("forgotten", 0, Jws.MaxNumber), notBefore = reader.Whole("notBefore", 0, Jws.MaxNumber);
        List<JournalEntry> entries = [];
        int index = 0;
        foreach (var element in reader.Array("commands", 0, Capacity))
        {
            var entry = new ObjectReader(element, $"/commands/{index++}", mistakes, "id", "operation", "expires", "signer", "state", "answer");
            string? id = entry.Id("id"), operation = entry.Text("operation"), state = entry.Word("state", Started, Answered, Refused), signer = entry.Find("signer") is { ValueKind: JsonValueKind.String } key ? key.GetString() : null;
            long? expires = entry.Whole("expires", 0, Jws.MaxNumber);
            var answer = entry.Find("answer") is { ValueKind: JsonValueKind.Object } given ? JsonObject.Create(given) : null;
            if (mistakes.Count == 0) entries.Add(new JournalEntry(id!, operation!, expires!.Value, state != Started, answer) { Signer = signer, IsRefused = state == Refused });
        }
        return new CommandJournal(disk, path, entries, forgotten ?? 0, notBefore ?? 0);
    }
}

/// <summary>What is known of a command.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Operation">What it asked for.</param>
/// <param name="Expires">In seconds since 1970.</param>
/// <param name="IsAnswered">False from before it was begun until its answer is there.</param>
/// <param name="Answer">The answer, until it is certain that it has been recorded.</param>
internal sealed record JournalEntry(string Id, string Operation, long Expires, bool IsAnswered, JsonObject? Answer)
{
    /// <summary>The id of the key that signed it; null in what was noted without one.</summary>
    public string? Signer { get; init; }

    /// <summary>True if it was refused at once.</summary>
    public bool IsRefused { get; init; }
}
