using System.Text.Json;
using System.Text.Json.Nodes;

namespace EdgeAgent.Tenancy.Documents;

/// <summary>One order to one device: an operation with arguments, under an id that is used once, for a limited time.</summary>
internal sealed record CommandDocument
{
    public const string Type = "edge-command+jws";

    public const int MaxArguments = 64;

    /// <summary>The longest between issue and expiry: 7 days.</summary>
    public const long MaxSeconds = 7 * 24 * 3600;

    /// <summary>How far the device's clock may be behind the signer's.</summary>
    public static readonly TimeSpan ClockTolerance = TimeSpan.FromMinutes(5);

    /// <summary>The last second of the year 9999, which is as far as clocks go here.</summary>
    private const long MaxTime = 253_402_300_799;

    private CommandDocument()
    {
    }

    public required TenantId Tenant { get; init; }

    public required DeviceId Device { get; init; }

    public required string Id { get; init; }

    /// <summary>By the rule of names, 1–64 characters; whether there is such an operation is for whoever executes it to say.</summary>
    public required string Operation { get; init; }

    /// <summary>An object of at most <see cref="MaxArguments"/> strings, numbers, trues and falses.</summary>
    public required JsonElement Arguments { get; init; }

    public required DateTimeOffset Issued { get; init; }

    public required DateTimeOffset Expires { get; init; }

    public required VerificationKey Signer { get; init; }

    /// <summary>Checks all but the time, see <see cref="CheckTime"/>.</summary>
    /// <param name="text">A JWS.</param>
    /// <param name="trusted">The keys that may sign commands.</param>
    /// <param name="tenant">Whose the device is.</param>
    /// <param name="device">Which device this is.</param>
    /// <param name="id">The id in the topic, which must be the document's.</param>
    /// <exception cref="DocumentException">It is refused.</exception>
    public static CommandDocument Open(ReadOnlySpan<byte> text, IEnumerable<VerificationKey> trusted, TenantId tenant, DeviceId device, string id)
    {
        var (signer, payload) = Jws.Open(text, Type, trusted);
        var document = Read(payload, signer);
        if (document.Tenant != tenant) throw new DocumentException(Refusal.WrongTenant, $"for the tenant {document.Tenant}; the device belongs to {tenant}", "/tenant");
        if (document.Device != device) throw new DocumentException(Refusal.WrongDevice, $"for the device {document.Device}; this is {device}", "/device");
        if (document.Id != id) throw new DocumentException(Refusal.WrongId, $"the command {document.Id} under the topic of {Quoted.Of(id)}", "/id");
        return document;
    }

    /// <exception cref="DocumentException">It is not the time for this command.</exception>
    public void CheckTime(DateTimeOffset now)
    {
        if (now > Expires) throw new DocumentException(Refusal.Expired, $"expired at {Expires:yyyy-MM-dd'T'HH:mm:ss'Z'}", "/expires");
        if (now + ClockTolerance < Issued) throw new DocumentException(Refusal.Clock, $"issued at {Issued:yyyy-MM-dd'T'HH:mm:ss'Z'}, and it is {now:yyyy-MM-dd'T'HH:mm:ss'Z'} by the device's clock, which may not be set yet", "/issued");
    }

    /// <exception cref="DocumentException">It would be refused.</exception>
    public static string Sign(SigningKey key, TenantId tenant, DeviceId device, string id, string operation, JsonObject arguments, DateTimeOffset issued, DateTimeOffset expires)
    {
        var payload = new JsonObject
        {
            ["tenant"] = tenant.ToString(),
            ["device"] = device.ToString(),
            ["id"] = id,
            ["operation"] = operation,
            ["arguments"] = arguments.DeepClone(),
            ["issued"] = issued.ToUnixTimeSeconds(),
            ["expires"] = expires.ToUnixTimeSeconds(),
        };
        _ = Read(payload.ToElement(), key.Public);
        return Jws.Sign(key, Type, payload);
    }

    private static CommandDocument Read(JsonElement payload, VerificationKey signer)
    {
        List<ConfigurationMistake> mistakes = [];
        var reader = new ObjectReader(payload, "", mistakes, "tenant", "device", "id", "operation", "arguments", "issued", "expires");
        var tenant = reader.Tenant("tenant");
        var device = reader.Device("device");
        string? id = reader.Id("id"), operation = reader.Text("operation");
        if (operation is not null && !IsOperationName(operation)) reader.Add("operation", $"{Quoted.Of(operation)}: expected 1 to 64 characters of a-z, '.' and '-'");
        var arguments = reader.Object("arguments");
        if (arguments is { } given) CheckArguments(reader, given);
        long? issued = reader.Whole("issued", 0, MaxTime), expires = reader.Whole("expires", 0, MaxTime);
        if (expires <= issued) reader.Add("expires", "not later than 'issued'");
        if (expires - issued > MaxSeconds) reader.Add("expires", $"more than {MaxSeconds} seconds (7 days) after 'issued'");
        if (mistakes.Count > 0) throw new DocumentException(Refusal.InvalidPayload, mistakes[0]);
        return new CommandDocument
        {
            Tenant = tenant!.Value,
            Device = device!.Value,
            Id = id!,
            Operation = operation!,
            Arguments = arguments!.Value,
            Issued = DateTimeOffset.FromUnixTimeSeconds(issued!.Value),
            Expires = DateTimeOffset.FromUnixTimeSeconds(expires!.Value),
            Signer = signer,
        };
    }

    private static void CheckArguments(ObjectReader command, JsonElement arguments)
    {
        int count = arguments.EnumerateObject().Count();
        if (count > MaxArguments) command.Add("arguments", $"{count} arguments; at most {MaxArguments} are possible");
        foreach (var argument in arguments.EnumerateObject())
        {
            string at = command.PointerOf("arguments") + JsonPointer.Of(argument.Name);
            if (!Identifier.IsValid(argument.Name)) command.Mistakes.Add(new ConfigurationMistake(at, $"no name of an argument: {Identifier.Expected}"));
            if (argument.Value.ValueKind is JsonValueKind.Object or JsonValueKind.Array or JsonValueKind.Null)
                command.Mistakes.Add(new ConfigurationMistake(at, "expected a string, a number, true or false"));
        }
    }

    private static bool IsOperationName(string name) => name.Length is > 0 and <= 64 && name.All(c => char.IsAsciiLetterLower(c) || c is '.' or '-');
}
