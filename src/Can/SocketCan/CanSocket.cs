using System.Runtime.InteropServices;

namespace EdgeAgent.Can.SocketCan;

/// <summary>
/// A raw SocketCAN socket (linux/can/raw.h) bound to one interface: classic and FD frames, read in batches with kernel timestamps.
/// One thread reads; any thread may send.
/// </summary>
public sealed unsafe class CanSocket : ICanSource
{
    /// <summary>The kernel's limit (<c>IFNAMSIZ</c> less the terminating zero).</summary>
    public const int MaxInterfaceNameLength = InterfaceRequest.MaxNameLength;

    private static readonly TimeSpan QueueInterval = TimeSpan.FromMilliseconds(1);

    private readonly SocketHandle _handle;
    private readonly nint _descriptor;
    private DropCounter _drops;
    private volatile bool _maySend;

    private readonly bool _isInterface, _listensOnly;

    internal CanSocket(string interfaceName, SocketHandle handle, CanSocketOptions? options = null)
    {
        InterfaceName = interfaceName;
        (_isInterface, _listensOnly) = (options is not null, options is { ListenOnly: true });
        _handle = handle;
        _descriptor = handle.DangerousGetHandle();
    }

    /// <summary>For readers that ours is measured against.</summary>
    internal nint Descriptor => _descriptor;

    /// <summary>The interface, such as <c>can0</c>.</summary>
    public string InterfaceName { get; }

    /// <inheritdoc/>
    public long Dropped => _drops.Total;

    /// <inheritdoc/>
    public CanSourceException? Fault { get; private set; }

    /// <inheritdoc/>
    public string Details => $"receive buffer {ReceiveBufferBytes / 2} bytes";

    /// <summary>The receive buffer that the kernel granted, in bytes as it counts them (twice what was asked for).</summary>
    public int ReceiveBufferBytes
    {
        get
        {
            int value;
            uint length = sizeof(int);
            return Libc.GetSocketOption(_handle, Libc.SolSocket, Libc.SoReceiveBuffer, &value, &length) == 0 ? value : 0;
        }
    }

    /// <summary>Opens a raw socket on an interface that exists and is up.</summary>
    /// <exception cref="CanSourceException">It is missing, down or no CAN interface, the kernel has no CAN, or a permission is lacking.</exception>
    public static CanSocket Open(string interfaceName, CanSocketOptions? options = null)
    {
        options ??= new CanSocketOptions();
        var handle = new SocketHandle(Libc.Socket(Libc.AfCan, Libc.SockRaw | Libc.SockCloseOnExec, Libc.CanRaw));
        if (handle.IsInvalid) throw Errno.ToException(Marshal.GetLastPInvokeError(), interfaceName, "making a CAN socket");
        try
        {
            int index = CanInterface.RequireUp(interfaceName, handle);
            Configure(handle, interfaceName, options);
            int one = 1;
            Require(Libc.SetSocketOption(handle, Libc.SolCanRaw, Libc.CanRawFdFrames, &one, sizeof(int)), interfaceName, "asking for CAN FD frames");
            if (options.ErrorFrames)
            {
                uint allClasses = CanId.MaxExtended;
                Require(Libc.SetSocketOption(handle, Libc.SolCanRaw, Libc.CanRawErrorFilter, &allClasses, sizeof(uint)), interfaceName, "asking for error frames");
            }
            if (options.Filter is { Count: <= Libc.MaxFilters } filter) SetFilter(handle, interfaceName, filter);
            else if (options.Matching is { Count: > 0 and <= Libc.MaxFilters } matching) SetMatching(handle, interfaceName, matching);
            else if (options.Except is { Count: > 0 } except) SetException(handle, interfaceName, except);

            var address = new CanSocketAddress { Family = Libc.AfCan, InterfaceIndex = index };
            Require(Libc.Bind(handle, &address, (uint)sizeof(CanSocketAddress)), interfaceName, "binding to it");
            return new CanSocket(interfaceName, handle, options);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>What a CAN socket and its stand-in in tests, a datagram socket, have in common.</summary>
    internal static void Configure(SocketHandle handle, string interfaceName, CanSocketOptions options)
    {
        int one = 1, size = options.ReceiveBufferBytes;
        var timeout = new TimeSpec { Nanoseconds = (long)CanSource.ReadTimeout.TotalMicroseconds }; // struct timeval: microseconds
        Require(Libc.SetSocketOption(handle, Libc.SolSocket, Libc.SoReceiveTimeout, &timeout, (uint)sizeof(TimeSpec)), interfaceName, "setting the timeout");
        Require(Libc.SetSocketOption(handle, Libc.SolSocket, Libc.SoTimestampNs, &one, sizeof(int)), interfaceName, "asking for timestamps");
        Require(Libc.SetSocketOption(handle, Libc.SolSocket, Libc.SoDropCount, &one, sizeof(int)), interfaceName, "asking for the drop count");
        if (Libc.SetSocketOption(handle, Libc.SolSocket, Libc.SoReceiveBufferForce, &size, sizeof(int)) != 0)
            Require(Libc.SetSocketOption(handle, Libc.SolSocket, Libc.SoReceiveBuffer, &size, sizeof(int)), interfaceName, "setting the receive buffer");
    }

    /// <inheritdoc/>
    public ReadOutcome Read(FrameBatch batch)
    {
        batch.Clear();
        while (true)
        {
            int received = Libc.ReceiveMany(_descriptor, batch.Headers, (uint)batch.Capacity, Libc.MsgWaitForOne, null);
            if (received > 0)
            {
                batch.Accept(received, Libc.RealTimeNs(), ref _drops);
                return batch.Count > 0 ? ReadOutcome.Frames : ReadOutcome.Idle;
            }
            int errno = Marshal.GetLastPInvokeError();
            if (errno == Errno.Interrupted) continue;
            ObserveDrops();
            if (received == 0 || errno == Errno.TryAgain) return ReadOutcome.Idle;
            Fault = Errno.ToException(errno, InterfaceName, "reading");
            return ReadOutcome.Lost;
        }
    }

    /// <summary>Waits until a <see cref="Read"/> returns at once, with frames or the loss of the interface. Allocates nothing.</summary>
    /// <returns>False if nothing happened in time.</returns>
    public bool Wait(TimeSpan timeout)
    {
        var descriptor = new PollDescriptor { Descriptor = (int)_descriptor, Events = Libc.PollIn };
        var limit = new TimeSpec { Seconds = timeout.Ticks / TimeSpan.TicksPerSecond, Nanoseconds = timeout.Ticks % TimeSpan.TicksPerSecond * TimeSpan.NanosecondsPerTick };
        // A signal ends the wait early, which is as good as a timeout for a caller that looks at the clock.
        return Libc.Poll(&descriptor, 1, &limit, null) > 0;
    }

    /// <summary>Sends one frame. Never waits, but for the question, before the first one, whether the interface only listens.</summary>
    /// <exception cref="CanSourceException">The interface only listens, the frame is FD and the interface is not, or something else that trying again will not mend.</exception>
    public SendOutcome Send(in CanFrame frame)
    {
        if (!_maySend) RequireSending();
        fixed (byte* data = frame.Wire)
        {
            while (true)
            {
                if (Libc.Write(_descriptor, data, (nuint)frame.Wire.Length) >= 0) return SendOutcome.Sent;
                int errno = Marshal.GetLastPInvokeError();
                switch (errno)
                {
                    case Errno.Interrupted: continue;
                    case Errno.NoBufferSpace or Errno.TryAgain: return SendOutcome.QueueFull;
                    case Errno.NetworkDown or Errno.NoDevice or Errno.NoSuchDeviceOrAddress:
                        // The mode can change only while the interface is down.
                        _maySend = false;
                        return SendOutcome.Lost;
                    case Errno.InvalidArgument when frame.IsFd:
                        throw new CanSourceException(CanSourceFault.Other,
                            $"{InterfaceName} carries no CAN FD frames; set it up with: ip link set {InterfaceName} type can … fd on");
                    default: throw Errno.ToException(errno, InterfaceName, "sending");
                }
            }
        }
    }

    /// <summary>Sends one frame, and waits while the transmit queue is full.</summary>
    /// <returns>False if it was full for all that time.</returns>
    /// <exception cref="CanSourceException">As <see cref="Send(in CanFrame)"/>, or the interface is down or gone.</exception>
    public bool Send(in CanFrame frame, TimeSpan within, TimeProvider time, CancellationToken stop)
    {
        long begun = time.GetTimestamp();
        while (true)
        {
            switch (Send(frame))
            {
                case SendOutcome.Sent: return true;
                case SendOutcome.Lost: throw Errno.ToException(Errno.NetworkDown, InterfaceName, "sending");
            }
            if (time.GetElapsedTime(begun) >= within) return false;
            stop.ThrowIfCancellationRequested();
            stop.WaitHandle.WaitOne(QueueInterval);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();

    /// <summary>A stand-in for a CAN socket has no interface, and nothing to ask about.</summary>
    private void RequireSending()
    {
        if (_isInterface)
        {
            if (_listensOnly) throw new CanSourceException(CanSourceFault.ListenOnly, $"{InterfaceName} is configured to listen only, so nothing is sent on it");
            try
            {
                if (CanLinkInfo.Read(InterfaceName).IsListenOnly) throw new CanSourceException(CanSourceFault.ListenOnly, $"{InterfaceName} is set to listen only, so nothing can be sent on it");
            }
            catch (CanSourceException e) when (e.Fault == CanSourceFault.Missing)
            {
                return; // the kernel says so itself
            }
        }
        _maySend = true;
    }

    /// <summary>Frames dropped behind the last one queued are in no control message yet: ask for the count itself.</summary>
    private void ObserveDrops()
    {
        uint* info = stackalloc uint[Libc.MemInfoDrops + 1];
        uint length = (Libc.MemInfoDrops + 1) * sizeof(uint);
        if (Libc.GetSocketOption(_handle, Libc.SolSocket, Libc.SoMemInfo, info, &length) == 0 && length > Libc.MemInfoDrops * sizeof(uint))
            _drops.Observe(info[Libc.MemInfoDrops]);
    }

    private static void SetFilter(SocketHandle handle, string interfaceName, IReadOnlyCollection<CanIdMask> masks)
    {
        var filters = masks.Select(ids => new KernelFilter
        {
            Id = ids.Id.Raw & (ids.Mask | CanId.ExtendedFlag),
            Mask = CanId.ExtendedFlag | CanId.RemoteFlag | ids.Mask,
        }).ToArray();
        SetFilter(handle, interfaceName, filters);
    }

    private static void SetMatching(SocketHandle handle, string interfaceName, IReadOnlyCollection<CanIdMask> matching) =>
        SetFilter(handle, interfaceName, [.. matching.Select(ids => new KernelFilter { Id = ids.Id.Raw, Mask = ids.Mask | CanId.ExtendedFlag })]);

    /// <summary>A frame passes if it passes each of the inverted filters.</summary>
    private static void SetException(SocketHandle handle, string interfaceName, IReadOnlyCollection<CanIdMask> except)
    {
        SetFilter(handle, interfaceName, [.. except.Select(ids => new KernelFilter
        {
            Id = (ids.Id.Raw & (ids.Mask | CanId.ExtendedFlag)) | Libc.InvertedFilter,
            Mask = ids.Mask | CanId.ExtendedFlag,
        })]);
        int one = 1;
        Require(Libc.SetSocketOption(handle, Libc.SolCanRaw, Libc.CanRawJoinFilters, &one, sizeof(int)), interfaceName, "joining the filters");
    }

    private static void SetFilter(SocketHandle handle, string interfaceName, KernelFilter[] filters)
    {
        fixed (KernelFilter* first = filters)
        {
            Require(Libc.SetSocketOption(handle, Libc.SolCanRaw, Libc.CanRawFilter, first, (uint)(filters.Length * sizeof(KernelFilter))), interfaceName, "setting the filter");
        }
    }

    private static void Require(int result, string interfaceName, string doing)
    {
        if (result != 0) throw Errno.ToException(Marshal.GetLastPInvokeError(), interfaceName, doing);
    }
}

/// <summary>What became of a frame to be sent.</summary>
public enum SendOutcome
{
    /// <summary>The kernel has it.</summary>
    Sent,

    /// <summary>The transmit queue is full: nobody acknowledges on the bus, or it is overloaded. Try again later.</summary>
    QueueFull,

    /// <summary>The interface is down or gone.</summary>
    Lost,
}
