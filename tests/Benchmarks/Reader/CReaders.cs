namespace EdgeAgent.Benchmarks.Reader;

/// <summary>The readers of <c>reader.c</c>.</summary>
internal sealed unsafe class CReaders : IDisposable
{
    private readonly CLibrary _library = new("reader", Path.Combine(Repository.Root, "tests", "Benchmarks", "Reader", "reader.c"));
    private readonly delegate* unmanaged<int, int, int, int, long> _readMany;
    private readonly delegate* unmanaged<int, int, long> _readEach;
    private readonly delegate* unmanaged<int, byte*, int, int, int> _sendMany;
    private readonly delegate* unmanaged<int, byte*, int, int, int, int, long> _sendPaced;

    /// <exception cref="BenchmarkException">There is no C compiler, or it fails.</exception>
    public CReaders()
    {
        _readMany = (delegate* unmanaged<int, int, int, int, long>)_library["read_many"];
        _readEach = (delegate* unmanaged<int, int, long>)_library["read_each"];
        _sendMany = (delegate* unmanaged<int, byte*, int, int, int>)_library["send_many"];
        _sendPaced = (delegate* unmanaged<int, byte*, int, int, int, int, long>)_library["send_paced"];
    }

    /// <summary><c>recvmmsg</c>; returns the bytes read.</summary>
    public long ReadMany(int socket, int count, int batch, bool withControl) => Checked(_readMany(socket, count, batch, withControl ? 1 : 0));

    /// <summary><c>read</c>; returns the bytes read.</summary>
    public long ReadEach(int socket, int count) => Checked(_readEach(socket, count));

    public void Send(int socket, byte[] messages, int size)
    {
        fixed (byte* data = messages) Checked(_sendMany(socket, data, size, messages.Length / size));
    }

    /// <summary>Sends for so many milliseconds, so many messages in each; returns how many.</summary>
    public long SendPaced(int socket, byte[] messages, int size, int perMillisecond, int milliseconds)
    {
        fixed (byte* data = messages) return Checked(_sendPaced(socket, data, size, messages.Length / size, perMillisecond, milliseconds));
    }

    public void Dispose() => _library.Dispose();

    private static long Checked(long result) => result >= 0 ? result : throw new BenchmarkException("a C reader could not read, or the sender not send, what it should");
}
