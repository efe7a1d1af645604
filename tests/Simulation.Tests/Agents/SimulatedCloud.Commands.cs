using System.Globalization;
using System.Text.Json.Nodes;
using EdgeAgent.Tenancy;
using EdgeAgent.Tenancy.Documents;

namespace EdgeAgent.Simulation.Tests.Agents;

/// <summary>What tenants command.</summary>
internal sealed partial class SimulatedCloud
{
    private static readonly string[] Operations = ["ping", "ping", "outbox.flush", "log.level", "status", "no.such"];

    /// <summary>All that were ever signed, by id.</summary>
    public Dictionary<string, IssuedCommand> Commands { get; } = [];

    public void Command()
    {
        var tenant = Assigned ?? Tenants[0];
        string id = $"c{Commands.Count.ToString(CultureInfo.InvariantCulture)}";
        string operation = Operations[_random.Next(Operations.Length)];
        var arguments = operation == "log.level" ? new JsonObject { ["level"] = "debug", ["seconds"] = 60 } : [];
        bool isExpired = _random.Next(8) == 0;
        // A technician whom the configuration may or may not know, and who may not change what is logged.
        bool isTechnician = _random.Next(4) == 0;
        var issued = _agenda.UtcNow - (isExpired ? TimeSpan.FromHours(2) : TimeSpan.Zero);
        var command = new IssuedCommand(id, tenant.Id, operation, isTechnician, isExpired);
        Commands.Add(id, command);
        _trace.Add($"cloud: command {command}");
        string topic = Topics.Commands(tenant.Id, Device)[..^1] + id;
        string document = CommandDocument.Sign(isTechnician ? tenant.Technician : tenant.Keys.Signer, tenant.Id, Device, id, operation, arguments, issued, issued.AddHours(1));
        Say(topic, document, retain: false);
        if (_random.Next(4) == 0) Say(topic, document, retain: false);
    }
}

/// <summary>A command that a tenant has signed.</summary>
internal sealed record IssuedCommand(string Id, TenantId Tenant, string Operation, bool IsTechnician, bool IsExpired);
