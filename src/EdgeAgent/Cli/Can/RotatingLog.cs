using System.Globalization;
using System.IO.Compression;

namespace EdgeAgent.Cli.Can;

/// <summary>How large, how old and how many the files of a recording become.</summary>
/// <param name="MaxBytes">A file that has reached it is closed.</param>
/// <param name="MaxAge">So is one that is so old.</param>
/// <param name="MaxFiles">The oldest beyond these are deleted.</param>
/// <param name="IsCompressed">True for gzip.</param>
internal sealed record LogLimits(long MaxBytes, TimeSpan MaxAge, int MaxFiles, bool IsCompressed);

/// <summary>Lines into one file after the other. What goes wrong with a disk is said with the file's name.</summary>
internal sealed class RotatingLog : IDisposable
{
    private readonly Func<int, string> _nameOf;
    private readonly LogLimits _limits;
    private readonly bool _isSingle;
    private readonly TimeProvider _time;
    private readonly Queue<string> _kept = new();
    private readonly Sink _sink;
    private long _opened;

    private RotatingLog(Func<int, string> nameOf, LogLimits limits, bool isSingle, TimeProvider time)
    {
        (_nameOf, _limits, _isSingle, _time) = (nameOf, limits, isSingle, time);
        _sink = new Sink(this);
        Lines = new LineBuffer(_sink);
        Open();
    }

    /// <summary>Where lines go; <see cref="EndLine"/> follows each.</summary>
    public LineBuffer Lines { get; }

    /// <summary>Files made.</summary>
    public int Files { get; private set; }

    /// <summary>Files deleted again.</summary>
    public int Deleted { get; private set; }

    /// <summary>Bytes written in all.</summary>
    public long Bytes { get; private set; }

    /// <summary>True if the only file is as large as it may become.</summary>
    public bool IsFull { get; private set; }

    /// <exception cref="CommandException">It is there already or cannot be made.</exception>
    public static RotatingLog ToFile(string path, LogLimits limits, TimeProvider time) => new(_ => path, limits, isSingle: true, time);

    /// <exception cref="CommandException">A file cannot be made there.</exception>
    public static RotatingLog InDirectory(string directory, string name, LogLimits limits, TimeProvider time)
    {
        string begun = time.GetUtcNow().ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        try
        {
            Directory.CreateDirectory(directory);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(ExitCode.Failed, $"{directory}: cannot be made: {e.Message}", e);
        }
        return new(number => Path.Combine(directory, string.Create(CultureInfo.InvariantCulture, $"{name}-{begun}-{number:0000}.log{(limits.IsCompressed ? ".gz" : "")}")), limits, isSingle: false, time);
    }

    /// <summary>A line is whole: the file may change here.</summary>
    public void EndLine()
    {
        if (_sink.Position + Lines.Length < _limits.MaxBytes && (_limits.MaxAge == TimeSpan.MaxValue || _time.GetElapsedTime(_opened) < _limits.MaxAge)) return;
        if (_isSingle)
        {
            IsFull = _sink.Position + Lines.Length >= _limits.MaxBytes;
            return;
        }
        // What is compressed may be far smaller than what was put in.
        if (_limits.IsCompressed)
        {
            Flush();
            if (_sink.Position < _limits.MaxBytes && _time.GetElapsedTime(_opened) < _limits.MaxAge) return;
        }
        Close();
        Open();
    }

    /// <summary>What was written is with the kernel, so that the end of this process does not lose it.</summary>
    public void Flush()
    {
        Lines.Flush();
        _sink.Flush();
    }

    /// <summary>Closes the file, synced.</summary>
    public void Close()
    {
        Lines.Flush();
        _sink.Close(sync: true);
    }

    public void Dispose() => _sink.Close(sync: false);

    private void Open()
    {
        string path = _nameOf(++Files);
        _sink.Open(path);
        _opened = _time.GetTimestamp();
        _kept.Enqueue(path);
        while (_kept.Count > _limits.MaxFiles)
        {
            string oldest = _kept.Dequeue();
            Guard(oldest, () => File.Delete(oldest));
            Deleted++;
        }
    }

    private static void Guard(string path, Action act)
    {
        try
        {
            act();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            const int noSpace = 28;
            string what = File.Exists(path) && e is IOException { HResult: 17 } ? "is there already"
                : e is IOException { HResult: noSpace } || e.Message.Contains("No space left", StringComparison.Ordinal) ? "the disk is full; what was written before is kept"
                : e.Message;
            throw new CommandException(ExitCode.Failed, $"{path}: {what}", e);
        }
    }

    /// <summary>The file of the moment.</summary>
    private sealed class Sink(RotatingLog owner) : Stream
    {
        private string _path = "";
        private FileStream? _file;
        private Stream? _output;

        public override long Position { get => _file?.Position ?? 0; set => throw new NotSupportedException(); }

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public void Open(string path)
        {
            _path = path;
            Guard(path, () => _file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 1));
            _output = owner._limits.IsCompressed ? new GZipStream(_file!, CompressionLevel.Fastest) : _file;
        }

        public void Close(bool sync)
        {
            if (_file is not { } file) return;
            var output = _output!;
            (_file, _output) = (null, null);
            try
            {
                Guard(_path, () =>
                {
                    if (output != file) output.Flush();
                    // The end of a compressed stream is written when it is closed.
                    if (output is GZipStream) output.Dispose();
                    else if (sync) file.Flush(flushToDisk: true);
                    owner.Bytes += new FileInfo(_path).Length;
                });
            }
            finally
            {
                file.Dispose();
            }
        }

        public override void Write(byte[] buffer, int offset, int count)
        {
            if (count > 0) Guard(_path, () => _output!.Write(buffer, offset, count));
        }

        public override void Flush() => Guard(_path, () => _output?.Flush());

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
