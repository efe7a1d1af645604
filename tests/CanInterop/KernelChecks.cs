using EdgeAgent.Can;
using EdgeAgent.Can.IsoTp;

namespace EdgeAgent.CanInterop;

/// <summary>Our ISO-TP and the kernel's, each as sender and as receiver.</summary>
internal sealed class KernelChecks(Results results, string ours, string theirs, bool isFd)
{
    private const uint Ours = 0x7E0, Theirs = 0x7E8;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public void Run()
    {
        foreach (var parameters in Parameters())
        {
            int[] sizes = [.. Sizes(parameters)];
            string how = $"{(isFd ? $"CAN FD {parameters.DataLength}" : "classic")}{(parameters.Address is null ? "" : " extended addressing")}, block size {parameters.BlockSize}, STmin {parameters.SeparationTime:X2}";
            results.Check($"ours to the kernel's, {how}", () => Transfer(parameters, sizes, weSend: true));
            results.Check($"the kernel's to ours, {how}", () => Transfer(parameters, sizes, weSend: false));
        }
    }

    private IEnumerable<IsoTpParameters> Parameters()
    {
        if (isFd)
        {
            foreach (byte length in (byte[])[8, 12, 64]) yield return new IsoTpParameters(8, 0, true, length);
            yield return new IsoTpParameters(0, 0xF5, true, 64);
            yield break;
        }
        foreach (byte block in (byte[])[0, 1, 8, 15]) yield return new IsoTpParameters(block, 0);
        yield return new IsoTpParameters(0, 1);
        yield return new IsoTpParameters(3, 0xF3);
        yield return new IsoTpParameters(4, 0, Address: 0x55, PeerAddress: 0xAA);
    }

    /// <summary>Each length up to some frames, then others up to the longest, and around each limit.</summary>
    private static IEnumerable<int> Sizes(IsoTpParameters parameters)
    {
        bool isSlow = parameters.SeparationTime != 0;
        for (int size = 1; size <= (isSlow ? 30 : 140); size++) yield return size;
        if (isSlow) yield break;
        for (int size = 200; size < 4095; size += parameters.BlockSize == 8 ? 97 : 389) yield return size;
        yield return 4094;
        yield return 4095;
        if (!parameters.IsFd || parameters.DataLength < 64) yield break;
        foreach (int size in (int[])[4096, 4097, 5000, 8000]) yield return size;
    }

    private string Transfer(IsoTpParameters parameters, int[] sizes, bool weSend)
    {
        var address = new IsoTpAddress(CanId.Standard(Ours), CanId.Standard(Theirs)) { TransmitByte = parameters.PeerAddress, ReceiveByte = parameters.Address };
        var options = new IsoTpOptions
        {
            Fd = isFd,
            BitRateSwitch = isFd,
            DataLength = parameters.DataLength,
            BlockSize = parameters.BlockSize,
            SeparationTime = new SeparationTime(parameters.SeparationTime),
            MaxMessageLength = 9000,
            PaddingCheck = IsoTpPaddingCheck.LengthAndContents,
        };
        using var kernel = new KernelIsoTp(theirs, Theirs, Ours, parameters);
        using var channel = IsoTpChannel.Open(ours, [address], options, TimeProvider.System);
        long bytes = 0;
        foreach (int size in sizes)
        {
            byte[] message = new byte[size];
            new Random(size).NextBytes(message);
            byte[] received;
            if (weSend)
            {
                var sent = channel.Send(address, message, CancellationToken.None);
                Results.Require(sent == IsoTpResult.Ok, $"{size} bytes: {sent}");
                received = kernel.Receive();
            }
            else
            {
                kernel.Send(message);
                Results.Require(channel.TryReceive(Patience, CancellationToken.None, out var arrived), $"{size} bytes: nothing came");
                Results.Require(arrived.Result == IsoTpResult.Ok, $"{size} bytes: {arrived.Result}");
                received = arrived.Data.ToArray();
            }
            Results.Require(received.AsSpan().SequenceEqual(message), $"{size} bytes: {received.Length} came, or others");
            bytes += size;
        }
        return $"{sizes.Length} messages of {sizes[0]} to {sizes[^1]} bytes, {bytes} bytes";
    }
}
