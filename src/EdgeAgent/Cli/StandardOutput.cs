using System.Runtime.InteropServices;

namespace EdgeAgent.Cli;

/// <summary>
/// The process's standard output as it is: the framework's own stream says nothing when the reader at the other end of a pipe has gone,
/// so that a program in front of <c>head</c> would work on for nobody.
/// </summary>
internal sealed unsafe partial class StandardOutput : Stream
{
    private const int Descriptor = 1, Interrupted = 4, TryAgain = 11, BrokenPipe = 32;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <exception cref="BrokenPipeException">The reader has gone.</exception>
    /// <exception cref="IOException">Anything else, such as a disk that is full.</exception>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            nint written;
            fixed (byte* data = buffer) written = WriteFile(Descriptor, data, (nuint)buffer.Length);
            if (written >= 0)
            {
                buffer = buffer[(int)written..];
                continue;
            }
            switch (Marshal.GetLastPInvokeError())
            {
                case Interrupted: continue;
                case TryAgain:
                    Thread.Yield();
                    continue;
                case BrokenPipe: throw new BrokenPipeException();
                case var errno: throw new IOException($"cannot write the output: {Marshal.GetPInvokeErrorMessage(errno)}");
            }
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint WriteFile(int descriptor, byte* data, nuint length);
}

/// <summary>Whoever read our output has seen enough, as in <c>edge-agent decode … | head</c>.</summary>
internal sealed class BrokenPipeException() : IOException("nobody reads the output any more");
