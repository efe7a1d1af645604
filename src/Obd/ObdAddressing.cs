using EdgeAgent.Can;
using EdgeAgent.Can.IsoTp;
using EdgeAgent.Can.SocketCan;

namespace EdgeAgent.Obd;

/// <summary>The CAN identifiers of legislated diagnostics (ISO 15765-4:2016 §10.5). An ECU is known by the identifier of its answers.</summary>
public sealed class ObdAddressing
{
    private ObdAddressing(string name, CanId functional, IReadOnlyList<IsoTpAddress> ecus, IReadOnlyList<CanIdMask> conversation)
    {
        Name = name;
        Functional = functional;
        Ecus = ecus;
        Conversation = conversation;
    }

    /// <summary>11 bits: 7DF to all, 7E0–7E7 to one, answers from 7E8–7EF.</summary>
    public static ObdAddressing Standard { get; } = new(
        "11-bit",
        CanId.Standard(0x7DF),
        [.. Enumerable.Range(0, 8).Select(ecu => new IsoTpAddress(CanId.Standard(0x7E0 + (uint)ecu), CanId.Standard(0x7E8 + (uint)ecu)))],
        [new(CanId.Standard(0x7DF), CanId.MaxStandard), new(CanId.Standard(0x7E0), 0x7F0)]);

    /// <summary>29 bits: 18DB33F1 to all, 18DAxxF1 to one, answers from 18DAF1xx; the tester is F1.</summary>
    public static ObdAddressing Extended { get; } = new(
        "29-bit",
        CanId.Extended(0x18DB33F1),
        [.. Enumerable.Range(0, 256).Select(ecu => IsoTpAddress.NormalFixed(target: (byte)ecu, source: 0xF1))],
        [new(CanId.Extended(0x18DB33F1), CanId.MaxExtended), new(CanId.Extended(0x18DAF100), 0x1FFFFF00), new(CanId.Extended(0x18DA00F1), 0x1FFF00FF)]);

    /// <summary>As it is written in a configuration: <c>11-bit</c> or <c>29-bit</c>.</summary>
    public string Name { get; }

    /// <summary>What a request to all ECUs has.</summary>
    public CanId Functional { get; }

    /// <summary>What requests to one ECU and its answers have.</summary>
    public IReadOnlyList<IsoTpAddress> Ecus { get; }

    /// <summary>Requests and answers: everything that says nothing of whether the vehicle would be awake without us.</summary>
    public IReadOnlyList<CanIdMask> Conversation { get; }

    /// <summary>What a request to an ECU has.</summary>
    /// <exception cref="ObdException">There can be no such ECU.</exception>
    public CanId RequestIdOf(CanId ecu)
    {
        foreach (var address in Ecus)
        {
            if (address.Receive == ecu) return address.Transmit;
        }
        throw new ObdException(ObdFault.Arguments, $"{ecu} is no identifier of an ECU's answers ({Name})");
    }
}
