using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using EdgeAgent.Can.SocketCan;
using EdgeAgent.Tenancy.Documents;

namespace EdgeAgent.Management.Provisioning;

/// <summary>How a CAN interface is brought up at boot, by systemd-networkd.</summary>
internal sealed partial record CanBus
{
    /// <summary>Interfaces that one device may have.</summary>
    public const int MostInterfaces = 8;

    /// <summary>The files of this kind are the provisioning's. Before those that were copied there by hand (80-can.network): of two that fit the first counts.</summary>
    public const string FilePattern = "70-edge-agent-*.network";

    private CanBus(string name) => Interface = name;

    public string Interface { get; }

    /// <summary>In bit/s.</summary>
    public int BitRate { get; private init; }

    /// <summary>Where in a bit it is sampled, 0.5–0.95; null leaves that to the kernel.</summary>
    public double? SamplePoint { get; private init; }

    /// <summary>Of the data of CAN FD, in bit/s; null for classic CAN.</summary>
    public int? DataBitRate { get; private init; }

    public double? DataSamplePoint { get; private init; }

    /// <summary>How long after bus-off the controller returns by itself, in milliseconds; 0 for never.</summary>
    public int RestartMs { get; private init; }

    public bool ListenOnly { get; private init; }

    public string FileName => FilePattern.Replace("*", Interface, StringComparison.Ordinal);

    /// <returns>Null if there are mistakes, which the reader has noted.</returns>
    public static CanBus? Read(ObjectReader reader)
    {
        int before = reader.Mistakes.Count;
        string? name = reader.Text("interface");
        if (name is not null && !InterfaceName().IsMatch(name)) reader.Add("interface", $"{Quoted.Of(name)} is no interface: expected 1 to 15 of A-Z, a-z, 0-9, '-', '_' and '.', such as can0");
        long? bitRate = reader.Whole("bitRate", CanLinkSettings.LowestBitRate, CanLinkSettings.HighestBitRate);
        long? dataBitRate = reader.Whole("dataBitRate", CanLinkSettings.LowestBitRate, CanLinkSettings.HighestDataBitRate, isRequired: false);
        if (dataBitRate < bitRate) reader.Add("dataBitRate", $"{dataBitRate} is below the bit rate of {bitRate}");
        if (reader.Has("dataSamplePoint") && !reader.Has("dataBitRate")) reader.Add("dataSamplePoint", "goes with dataBitRate");
        var bus = new CanBus(name ?? "")
        {
            BitRate = (int)(bitRate ?? 0),
            SamplePoint = Point(reader, "samplePoint"),
            DataBitRate = (int?)dataBitRate,
            DataSamplePoint = Point(reader, "dataSamplePoint"),
            RestartMs = (int)(reader.Whole("restartMs", 0, (long)CanLinkSettings.LongestRestart.TotalMilliseconds, isRequired: false) ?? 100),
            ListenOnly = reader.Boolean("listenOnly") ?? false,
        };
        return reader.Mistakes.Count == before ? bus : null;
    }

    public static ObjectReader ReaderOf(System.Text.Json.JsonElement element, string pointer, List<Tenancy.ConfigurationMistake> mistakes) =>
        new(element, pointer, mistakes, "interface", "bitRate", "samplePoint", "dataBitRate", "dataSamplePoint", "restartMs", "listenOnly");

    /// <summary>The file for systemd-networkd (systemd.network(5), [CAN]).</summary>
    public byte[] ToNetworkFile()
    {
        var text = new StringBuilder($"# Written by edge-agent provision import; another import replaces it.\n[Match]\nName={Interface}\n[CAN]\n");
        text.Append(CultureInfo.InvariantCulture, $"BitRate={BitRate}\n");
        if (SamplePoint is { } point) text.Append(CultureInfo.InvariantCulture, $"SamplePoint={point * 100:0.#}%\n");
        if (DataBitRate is { } rate) text.Append(CultureInfo.InvariantCulture, $"FDMode=yes\nDataBitRate={rate}\n");
        if (DataSamplePoint is { } dataPoint) text.Append(CultureInfo.InvariantCulture, $"DataSamplePoint={dataPoint * 100:0.#}%\n");
        text.Append(CultureInfo.InvariantCulture, $"RestartSec={RestartMs}ms\n");
        if (ListenOnly) text.Append("ListenOnly=yes\n");
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static double? Point(ObjectReader reader, string name) =>
        reader.Number(name, CanLinkSettings.EarliestSamplePoint / 1000.0, CanLinkSettings.LatestSamplePoint / 1000.0, isRequired: false);

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9_.-]{0,14}$")]
    private static partial Regex InterfaceName();
}
