using System.Globalization;
using EdgeAgent.Can;
using EdgeAgent.Obd;

namespace EdgeAgent.Capture;

/// <summary>One parameter that is asked for again and again.</summary>
/// <param name="Pid">Of SAE J1979 service 01.</param>
/// <param name="Every">How often: <see cref="Shortest"/>–<see cref="Longest"/>.</param>
internal sealed record ObdPoll(ObdPid Pid, TimeSpan Every)
{
    public static readonly TimeSpan Shortest = TimeSpan.FromSeconds(0.1), Longest = TimeSpan.FromHours(1);

    /// <summary>From what a configuration says.</summary>
    /// <param name="pid">Two hexadecimal digits.</param>
    /// <param name="everySeconds">0.1–3600.</param>
    /// <param name="mistake">Told of each mistake: which of the two, <c>pid</c> or <c>everySeconds</c>, and what was expected.</param>
    /// <returns>Null if there was a mistake.</returns>
    public static ObdPoll? Read(string pid, double everySeconds, Action<string, string> mistake)
    {
        ObdPid? known = null;
        if (pid.Length != 2 || !byte.TryParse(pid, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte number))
            mistake("pid", $"'{pid}' is no PID: two hexadecimal digits are expected, such as \"0C\"");
        else if ((known = ObdPids.Find(number)) is not { Parameters.Count: > 0 })
            mistake("pid", $"PID {pid} holds no numbers that could be captured");

        bool isWithin = everySeconds >= Shortest.TotalSeconds && everySeconds <= Longest.TotalSeconds;
        if (!isWithin) mistake("everySeconds", string.Create(CultureInfo.InvariantCulture, $"{everySeconds} s: expected {Shortest.TotalSeconds}–{Longest.TotalSeconds}"));
        return known is { Parameters.Count: > 0 } && isWithin ? new ObdPoll(known, TimeSpan.FromSeconds(everySeconds)) : null;
    }
}

/// <summary>What the ECUs of a source are asked for while it is read.</summary>
/// <param name="Polls">At least one; no parameter twice.</param>
/// <param name="Link">The way to the ECUs, shared by all who ask on that bus.</param>
/// <param name="OpenTraffic">Begins to listen for frames that are neither requests nor answers, or throws <see cref="CanSourceException"/>.</param>
internal sealed record ObdPollPlan(IReadOnlyList<ObdPoll> Polls, IObdLink Link, Func<IBusTraffic> OpenTraffic)
{
    /// <summary>What the samples stand for: <c>bus/OBD/EngineSpeed</c>, in the order of the polls and of the numbers in each.</summary>
    public IReadOnlyList<SignalDescription> SignalsOf(BusName bus) =>
        [.. from poll in Polls from parameter in poll.Pid.Parameters select new SignalDescription($"{bus}/OBD/{parameter.Name}", parameter.Unit)];
}
