using System.Text;
using System.Text.Json.Nodes;
using EdgeAgent.Management.Commands;
using EdgeAgent.Outbox;
using EdgeAgent.Tenancy;
using EdgeAgent.Tenancy.Access;

namespace EdgeAgent.Tests.Management.Commands;

/// <summary>The power is gone.</summary>
internal sealed class PowerCutException : Exception;

/// <summary>A disk and an outbox that keep what they were given, whose power can be cut before or after any write, and whose disk can be full.</summary>
internal sealed class FakeDevice : IDisk, IRecordSink
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, byte[]> _files = [];
    private readonly List<(Channel Channel, JsonObject Message)> _records = [];
    private int _left = int.MaxValue;
    private bool _afterEffect;

    public bool IsFull { get; set; }

    public int Writes { get; private set; }

    public IReadOnlyList<(Channel Channel, JsonObject Message)> Records
    {
        get
        {
            lock (_gate) return [.. _records];
        }
    }

    /// <summary>Cuts the power at a write, before or after it has taken effect.</summary>
    public void CutPower(int afterWrites, bool afterEffect) => (_left, _afterEffect) = (afterWrites, afterEffect);

    public void Restart() => _left = int.MaxValue;

    public IReadOnlyList<JsonObject> Answers(string id) => [.. Records.Where(record => record.Channel == Channel.Response(id)).Select(record => record.Message)];

    public IReadOnlyList<JsonObject> Audit => [.. Records.Where(record => record.Channel == Channel.Event("agent/audit")).Select(record => record.Message)];

    public void Append(Channel channel, ReadOnlyMemory<byte> members) =>
        Write(() => _records.Add((channel, JsonNode.Parse($"{{{Encoding.UTF8.GetString(members.Span)}}}")!.AsObject())));

    public byte[]? TryRead(string path)
    {
        lock (_gate) return _files.GetValueOrDefault(path);
    }

    public long FreeBytes => long.MaxValue;

    public void Overwrite(string path, ReadOnlySpan<byte> content) => throw new NotSupportedException();

    public void Replace(string path, ReadOnlySpan<byte> content)
    {
        if (IsFull) throw new IOException("No space left on device");
        byte[] copy = content.ToArray();
        Write(() => _files[path] = copy);
    }

    public void Rename(string path, string newPath) => Write(() =>
    {
        _ = _files.Remove(path, out byte[]? content);
        _files[newPath] = content!;
    });

    public IReadOnlyList<string> List() => [.. _files.Keys];

    public Stream Open(string path) => throw new NotSupportedException();

    public void Copy(string path, string newPath) => throw new NotSupportedException();

    public void Delete(string path) => throw new NotSupportedException();

    private void Write(Action effect)
    {
        lock (_gate)
        {
            if (_left < 0 || (_left == 0 && !_afterEffect))
            {
                _left = -1;
                throw new PowerCutException();
            }
            effect();
            Writes++;
            if (_left-- == 0) throw new PowerCutException();
        }
    }
}

/// <summary>An operation that does what the test says.</summary>
internal sealed class FakeOperation(Operation name, Func<OperationArguments, CancellationToken, Task<JsonObject>> run) : IOperation
{
    private int _runs;

    public Operation Name => name;

    public int Runs => _runs;

    public int AnsweredCount { get; private set; }

    public Action? OnAnswered { get; set; }

    public Task<JsonObject> RunAsync(OperationArguments arguments, CancellationToken stop)
    {
        Interlocked.Increment(ref _runs);
        return run(arguments, stop);
    }

    public void Answered()
    {
        AnsweredCount++;
        OnAnswered?.Invoke();
    }
}
