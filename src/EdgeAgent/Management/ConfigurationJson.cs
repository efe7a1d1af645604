using System.Text.Json.Nodes;
using EdgeAgent.Management.Commands;
using EdgeAgent.Management.Configuration;
using EdgeAgent.Management.Control;
using EdgeAgent.Tenancy.Access;

namespace EdgeAgent.Management;

/// <summary>
/// The configuration in force as it is shown: <c>status</c>, versions, <c>hash</c>, what was <c>refused</c> and how long a <c>trial</c> goes on; the
/// <c>device</c>'s own part; and what is <c>effective</c> for the tenant: all layers merged, without what has its default. There are no secrets in it.
/// </summary>
internal static class ConfigurationJson
{
    /// <param name="own">What the device's own file says.</param>
    /// <param name="controller">What came from outside.</param>
    public static JsonObject Of(AgentConfiguration own, Controller controller)
    {
        var shown = own.Document is null
            ? JsonNode.Parse(JsonMembers.Object(controller.WriteConfiguration).Span)!.AsObject()
            : new JsonObject { ["status"] = ConfigurationStatus.Fixed.Status };
        if (controller.TrialEndsIn is { } left) shown["trial"] = new JsonObject { ["endsInSeconds"] = Math.Round(left.TotalSeconds, 1) };
        shown["device"] = Of(own.Device);
        shown["effective"] = Redaction.Of(own.Document ?? controller.EffectiveConfiguration);
        return shown;
    }

    private static JsonObject Of(DeviceConfiguration device) => new()
    {
        ["device"] = device.Device.ToString(),
        ["platformKeys"] = new JsonArray([.. device.PlatformKeys.Select(key => JsonValue.Create(key.Id))]),
        ["broker"] = new JsonObject
        {
            ["url"] = device.Broker.Name,
            ["userName"] = device.Broker.UserName,
            ["passwordFile"] = device.Broker.PasswordFile,
            ["authorityFile"] = device.Broker.AuthorityFile,
            ["certificateFile"] = device.Broker.CertificateFile,
            ["privateKeyFile"] = device.Broker.PrivateKeyFile,
        },
        ["outbox"] = new JsonObject
        {
            ["directory"] = device.StateDirectory,
            ["memoryBytes"] = device.Outbox.MemoryBytes,
            ["maxBytes"] = device.Outbox.MaxStoreBytes,
            ["reserveBytes"] = device.Outbox.ReserveBytes,
        },
        ["localApi"] = device.LocalApi is not { } local ? null : new JsonObject { ["port"] = local.Port, ["tokenFile"] = local.TokenFile, ["role"] = Roles.Name(local.Role) },
        ["drainSeconds"] = device.Drain.TotalSeconds,
    };
}
