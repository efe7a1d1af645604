namespace EdgeAgent.Cli.Doctor;

/// <summary>One step on the way to the broker.</summary>
/// <param name="Evidence">What was seen.</param>
/// <param name="Trouble">Why it failed; null if it went well.</param>
internal sealed record Step(string Evidence, string? Trouble = null);

/// <summary>The way to the broker, step by step until one fails; null is what was not tried.</summary>
internal sealed record NetworkReading
{
    public required string Host { get; init; }

    public required int Port { get; init; }

    public bool IsTls { get; init; }

    public Step? Name { get; init; }

    public Step? Route { get; init; }

    public Step? Tcp { get; init; }

    public Step? Tls { get; init; }

    /// <summary>When the broker's certificate expires.</summary>
    public DateTimeOffset? BrokerCertificateUntil { get; init; }

    /// <summary>The file and the time of this device's certificate; null without one.</summary>
    public (string File, DateTimeOffset Until)? DeviceCertificate { get; init; }

    /// <summary>MQTT's CONNACK.</summary>
    public Step? Connack { get; init; }

    /// <summary>Of <see cref="Connack"/>: true if user, password or certificate were refused.</summary>
    public bool IsRefused { get; init; }
}
