using System.Diagnostics;
using EdgeAgent.Can;
using EdgeAgent.Can.IsoTp;

namespace EdgeAgent.CanInterop;

/// <summary>can-utils at the other end: isotpsend and isotprecv, which write bytes in hexadecimal.</summary>
internal sealed class CanUtilsChecks(Results results, string ours, string theirs)
{
    private static readonly int[] Sizes = [1, 7, 8, 62, 200, 4095];

    private static readonly IsoTpAddress Address = new(CanId.Standard(0x123), CanId.Standard(0x321));

    public void Run()
    {
        results.Check("isotpsend to ours", () =>
        {
            using var channel = IsoTpChannel.Open(ours, [Address], new IsoTpOptions { BlockSize = 8 }, TimeProvider.System);
            foreach (int size in Sizes)
            {
                byte[] message = Message(size);
                using var sender = Start("isotpsend", "-s", "321", "-d", "123", "-b", theirs);
                sender.StandardInput.WriteLine(string.Join(' ', message.Select(value => value.ToString("X2", System.Globalization.CultureInfo.InvariantCulture))));
                sender.StandardInput.Close();
                Results.Require(channel.TryReceive(TimeSpan.FromSeconds(20), CancellationToken.None, out var arrived) && arrived.Result == IsoTpResult.Ok && arrived.Data.Span.SequenceEqual(message), $"{size} bytes: {arrived.Result}, {arrived.Data.Length} came");
                sender.WaitForExit();
            }
            return $"{Sizes.Length} messages";
        });
        results.Check("ours to isotprecv", () =>
        {
            using var channel = IsoTpChannel.Open(ours, [Address], new IsoTpOptions(), TimeProvider.System);
            foreach (int size in Sizes)
            {
                byte[] message = Message(size);
                using var receiver = Start("isotprecv", "-s", "321", "-d", "123", "-b", "4", theirs);
                // It says nothing when it listens: the message is sent until it has come.
                var line = receiver.StandardOutput.ReadLineAsync();
                var sent = IsoTpResult.FlowControlTimeout;
                for (int i = 0; i < 40 && !line.Wait(TimeSpan.FromMilliseconds(500)); i++) sent = channel.Send(Address, message, CancellationToken.None);
                Results.Require(line.IsCompletedSuccessfully, $"{size} bytes: {sent}, nothing came");
                Results.Require(Convert.ToHexString(message) == line.Result?.Replace(" ", "", StringComparison.Ordinal), $"{size} bytes: {sent}, '{line.Result}'");
                receiver.WaitForExit();
            }
            return $"{Sizes.Length} messages";
        });
    }

    private static byte[] Message(int size)
    {
        byte[] message = new byte[size];
        new Random(size).NextBytes(message);
        return message;
    }

    private static Process Start(string program, params string[] arguments) =>
        Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
}
