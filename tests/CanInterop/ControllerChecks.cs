using System.Diagnostics;
using EdgeAgent.Can;
using EdgeAgent.Can.SocketCan;

namespace EdgeAgent.CanInterop;

/// <summary>Two SJA1000 on one bus, set up by us; iproute2 says what they then are.</summary>
internal sealed class ControllerChecks(Results results)
{
    public void Run()
    {
        results.Check("bit rate, sample point and restart are what iproute2 shows", () =>
        {
            foreach (var (rate, point, expected) in ((int, int, string)[])[(500_000, 0, "bitrate 500000 sample-point 0.875"), (250_000, 750, "bitrate 250000 sample-point 0.750"), (125_000, 0, "bitrate 125000 sample-point 0.875"), (1_000_000, 0, "bitrate 1000000 sample-point 0.750")])
            {
                CanLinkControl.Configure("can0", new CanLinkSettings { BitTiming = new CanBitTiming(rate, point), RestartAfter = TimeSpan.FromMilliseconds(100) });
                string shown = Show("can0");
                Results.Require(shown.Contains(expected, StringComparison.Ordinal) && shown.Contains("restart-ms 100", StringComparison.Ordinal), shown);
                var info = CanLinkInfo.Read("can0");
                Results.Require(info.BitTiming?.BitRate == rate && info.ClockHz == 8_000_000 && info.RestartAfter == TimeSpan.FromMilliseconds(100), info.ToString());
            }
            return "4 settings";
        });
        results.Check("what cannot be is refused in words", () =>
        {
            Refused(() => CanLinkControl.SetUp("can1", true), "bit rate was never set");
            Refused(() => CanLinkControl.Configure("can1", new CanLinkSettings { BitTiming = new CanBitTiming(500_000, 0), DataBitTiming = new CanBitTiming(2_000_000, 0) }), "cannot do that");
            return "2 refusals";
        });
        results.Check("a frame goes from one to the other", () =>
        {
            foreach (string name in (string[])["can0", "can1"])
            {
                CanLinkControl.Configure(name, new CanLinkSettings { BitTiming = new CanBitTiming(500_000, 0), RestartAfter = TimeSpan.Zero });
                CanLinkControl.SetUp(name, true);
            }
            using var sender = CanSocket.Open("can0");
            using var receiver = CanSocket.Open("can1");
            Results.Require(sender.Send(CanFrame.Data(CanId.Standard(0x123), [1, 2, 3])) == SendOutcome.Sent, "not sent");
            Results.Require(Count(receiver) == 1, "nothing came");
            Results.Require(Show("can0").Contains("ERROR-ACTIVE", StringComparison.Ordinal), Show("can0"));
            return "1 frame";
        });
        results.Check("a change while it is up, and a restart without bus-off, are refused in words", () =>
        {
            Refused(() => CanLinkControl.Configure("can0", new CanLinkSettings { BitTiming = new CanBitTiming(250_000, 0) }), "is up; its settings can change only while it is down");
            Refused(() => CanLinkControl.Restart("can0"), "is not bus-off");
            return "2 refusals";
        });
        results.Check("a controller that only listens sends nothing and hears all", () =>
        {
            CanLinkControl.SetUp("can1", false);
            CanLinkControl.Configure("can1", new CanLinkSettings().With(CanControllerModes.ListenOnly, true));
            CanLinkControl.SetUp("can1", true);
            Results.Require(Show("can1").Contains("LISTEN-ONLY", StringComparison.Ordinal) && CanLinkInfo.Read("can1").IsListenOnly, Show("can1"));
            using var other = CanSocket.Open("can0");
            using var listening = CanSocket.Open("can1");
            Refused(() => listening.Send(CanFrame.Data(CanId.Standard(0x7DF), [2, 1, 0])), "set to listen only");
            other.Send(CanFrame.Data(CanId.Standard(0x123), [1]));
            Results.Require(Count(listening) == 1, "it does not hear");
            Results.Require(CanLinkInfo.Read("can1").Statistics.SentFrames == 0, "something was sent");
            return "0 frames sent, 1 heard";
        });
        foreach (string name in (string[])["can0", "can1"]) CanLinkControl.SetUp(name, false);
        results.Check("both are down and may send again", () =>
        {
            CanLinkControl.Configure("can1", new CanLinkSettings().With(CanControllerModes.ListenOnly, false));
            Results.Require(!CanLinkInfo.Read("can1").IsUp && !CanLinkInfo.Read("can1").IsListenOnly, Show("can1"));
            return "done";
        });
    }

    private static int Count(CanSocket socket)
    {
        using var batch = new FrameBatch();
        for (int i = 0; i < 20; i++)
        {
            if (socket.Read(batch) == ReadOutcome.Frames) return batch.Count;
        }
        return 0;
    }

    private static void Refused(Action act, string words)
    {
        try
        {
            act();
        }
        catch (CanSourceException e)
        {
            Results.Require(e.Message.Contains(words, StringComparison.Ordinal), e.Message);
            return;
        }
        throw new InvalidOperationException("it was not refused");
    }

    private static string Show(string name)
    {
        using var process = Process.Start(new ProcessStartInfo("iproute2", ["-details", "link", "show", name]) { RedirectStandardOutput = true })!;
        string text = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return text;
    }
}
