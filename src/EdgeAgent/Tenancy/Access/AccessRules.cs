using System.Text.Json;
using EdgeAgent.Tenancy.Documents;

namespace EdgeAgent.Tenancy.Access;

/// <summary>The <c>access</c> section of a tenant's configuration: to whom it grants which role, and what roles may do.</summary>
internal sealed record AccessRules
{
    private const int MaxSigners = 64, MaxNames = 256, MaxNameLength = 64;

    private AccessRules()
    {
    }

    /// <summary>Grants nothing to anybody.</summary>
    public static AccessRules None { get; } = new();

    public IReadOnlyDictionary<VerificationKey, Role> Signers { get; private init; } = new Dictionary<VerificationKey, Role>();

    public IReadOnlyDictionary<string, Role> Users { get; private init; } = new Dictionary<string, Role>();

    public IReadOnlyDictionary<string, Role> Groups { get; private init; } = new Dictionary<string, Role>();

    /// <summary>What each of these roles may do in place of its default.</summary>
    public IReadOnlyDictionary<Role, IReadOnlyCollection<Operation>> Replaced { get; private init; } = new Dictionary<Role, IReadOnlyCollection<Operation>>();

    /// <summary>Reads the section and adds what is wrong to the mistakes. The rules are to be used only if there are none.</summary>
    /// <param name="access">The section; strict JSON.</param>
    /// <param name="pointer">Where it stands.</param>
    /// <param name="mistakes">Added to.</param>
    public static AccessRules Read(JsonElement access, string pointer, List<ConfigurationMistake> mistakes)
    {
        var reader = new ObjectReader(access, pointer, mistakes, "signers", "users", "groups", "roles");
        return new AccessRules
        {
            Signers = ReadSigners(reader),
            Users = ReadGrants(reader, "users"),
            Groups = ReadGrants(reader, "groups"),
            Replaced = ReadRoles(reader),
        };
    }

    private static Dictionary<VerificationKey, Role> ReadSigners(ObjectReader access)
    {
        Dictionary<VerificationKey, Role> signers = [];
        int index = 0;
        foreach (var element in access.Array("signers", 0, MaxSigners, isRequired: false))
        {
            string pointer = $"{access.PointerOf("signers")}/{index++}";
            var reader = new ObjectReader(element, pointer, access.Mistakes, "key", "role");
            var role = ReadRole(reader, "role", reader.Text("role"));
            if (reader.Object("key") is not { } jwk || VerificationKey.Read(jwk, reader.PointerOf("key"), access.Mistakes) is not { } key) continue;
            if (!signers.TryAdd(key, role ?? Role.Viewer)) reader.Add("key", "the same key again");
        }
        return signers;
    }

    private static Dictionary<string, Role> ReadGrants(ObjectReader access, string name)
    {
        Dictionary<string, Role> grants = [];
        if (access.Object(name, isRequired: false) is not { } section) return grants;
        string[] names = [.. section.EnumerateObject().Select(member => member.Name)];
        if (names.Length > MaxNames)
        {
            access.Add(name, $"{names.Length} names; at most {MaxNames} are possible");
            return grants;
        }
        var reader = new ObjectReader(section, access.PointerOf(name), access.Mistakes, names);
        foreach (string who in names)
        {
            if (!IsName(who)) reader.Add(who, $"no name of a user or group: expected 1 to {MaxNameLength} characters without ':' and white space");
            if (ReadRole(reader, who, reader.Text(who)) is { } role) grants[who] = role;
        }
        return grants;
    }

    private static Dictionary<Role, IReadOnlyCollection<Operation>> ReadRoles(ObjectReader access)
    {
        Dictionary<Role, IReadOnlyCollection<Operation>> replaced = [];
        if (access.Object("roles", isRequired: false) is not { } section) return replaced;
        var reader = new ObjectReader(section, access.PointerOf("roles"), access.Mistakes, [.. Roles.Names]);
        foreach (var role in Roles.All.Where(role => reader.Has(Roles.Name(role))))
        {
            string name = Roles.Name(role);
            HashSet<Operation> operations = [];
            int index = 0;
            foreach (var element in reader.Array(name, 0, Operation.All.Count))
            {
                if (element.ValueKind == JsonValueKind.String && Operation.TryParse(element.GetString()!, out var operation)) operations.Add(operation);
                else access.Mistakes.Add(new ConfigurationMistake($"{reader.PointerOf(name)}/{index}", $"no operation; expected one of: {string.Join(", ", Operation.All)}"));
                index++;
            }
            replaced[role] = operations;
        }
        return replaced;
    }

    private static Role? ReadRole(ObjectReader reader, string name, string? text)
    {
        if (text is null) return null;
        if (Roles.TryParse(text) is { } role) return role;
        reader.Add(name, $"{Quoted.Of(text)} is no role; expected one of: {string.Join(", ", Roles.Names)}");
        return null;
    }

    private static bool IsName(string text) => text.Length is > 0 and <= MaxNameLength && !text.Any(c => c == ':' || char.IsWhiteSpace(c) || char.IsControl(c));
}
