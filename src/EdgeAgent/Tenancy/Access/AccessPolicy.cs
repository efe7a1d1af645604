using EdgeAgent.Tenancy.Documents;

namespace EdgeAgent.Tenancy.Access;

/// <summary>
/// Who may do what on this device now. Immutable. The one place where that is decided, for commands and local users alike: what no rule
/// permits is refused.
/// </summary>
internal sealed class AccessPolicy
{
    private const uint Root = 0;

    private readonly KeyRing? _tenant;
    private readonly AccessRules _rules;
    private readonly bool _rootIsAdmin;

    private AccessPolicy(KeyRing? tenant, AccessRules rules, bool rootIsAdmin)
    {
        _tenant = tenant;
        _rules = rules;
        _rootIsAdmin = rootIsAdmin;
        var granted = rules.Signers.Keys.Where(key => tenant is null || !tenant.Revoked.Contains(key.Id));
        CommandKeys = [.. (tenant?.Keys ?? []).Union(granted)];
    }

    /// <summary>Of a device that belongs to nobody: root of the device may do everything, and nobody else anything.</summary>
    public static AccessPolicy Unassigned { get; } = new(null, AccessRules.None, rootIsAdmin: true);

    /// <summary>The keys whose commands are looked at: the tenant's own, and those to which it grants a role and that are not revoked.</summary>
    public IReadOnlyList<VerificationKey> CommandKeys { get; }

    /// <param name="tenant">The tenant's keys, each of which is <see cref="Role.Admin"/>; null if the device was assigned without any.</param>
    /// <param name="rules">What its configuration grants.</param>
    public static AccessPolicy Of(KeyRing? tenant, AccessRules rules) => new(tenant, rules, rootIsAdmin: false);

    public AccessDecision Decide(Principal principal, Operation operation)
    {
        Role[] roles = [.. RolesOf(principal).Distinct().OrderDescending()];
        if (roles.Length == 0) return new AccessDecision(false, null, $"{principal} has no role here");
        foreach (var role in roles)
        {
            if (Permits(role, operation)) return new AccessDecision(true, role, $"{Roles.Name(role)} may do {operation}");
        }
        return new AccessDecision(false, roles[0], $"{Roles.Name(roles[0])} may not do {operation}");
    }

    private bool Permits(Role role, Operation operation) => (_rules.Replaced.GetValueOrDefault(role) ?? Roles.Default(role)).Contains(operation);

    private IEnumerable<Role> RolesOf(Principal principal)
    {
        switch (principal)
        {
            case Principal.Signer(var key) when CommandKeys.Contains(key):
                if (_tenant?.Keys.Contains(key) == true) yield return Role.Admin;
                if (_rules.Signers.TryGetValue(key, out var granted)) yield return granted;
                break;
            case Principal.TokenHolder token:
                yield return token.Role;
                break;
            case Principal.LocalUser user:
                if (_rootIsAdmin && user.UserId == Root) yield return Role.Admin;
                if (_rules.Users.TryGetValue(user.Name, out var own)) yield return own;
                foreach (string group in user.Groups)
                {
                    if (_rules.Groups.TryGetValue(group, out var shared)) yield return shared;
                }
                break;
        }
    }
}

/// <summary>What was decided.</summary>
/// <param name="IsPermitted">False unless a role permits it.</param>
/// <param name="Role">The role that permits it; of somebody who is refused, his highest; null if he has none.</param>
/// <param name="Reason">For people.</param>
internal sealed record AccessDecision(bool IsPermitted, Role? Role, string Reason);
