using EdgeAgent.Tenancy;
using EdgeAgent.Tenancy.Access;
using EdgeAgent.Tenancy.Documents;
using static EdgeAgent.Tests.Tenancy.TestDocuments;

namespace EdgeAgent.Tests.Tenancy;

public sealed class AccessPolicyTests
{
    private static readonly Principal Root = new Principal.LocalUser(0, "root", ["root"]);

    public static TheoryData<string, string> DefaultRights => new()
    {
        { "viewer", "ping status signals.read ledger.read" },
        { "technician", "ping status signals.read ledger.read config.read dtc.read dtc.freeze obd.query obd.discover can.record support-bundle outbox.flush" },
        { "installer", "ping status signals.read ledger.read config.read dtc.read dtc.freeze obd.query obd.discover can.record support-bundle outbox.flush log.level agent.restart" },
        { "admin", "ping status signals.read ledger.read config.read dtc.read dtc.clear dtc.freeze obd.query obd.discover can.record log.level outbox.flush agent.restart agent.update support-bundle" },
    };

    [Theory]
    [MemberData(nameof(DefaultRights))]
    public void Each_role_may_do_its_own_and_nothing_else(string role, string permitted)
    {
        var policy = Policy($$$"""{"signers":[{"key":{{{Other.Public}}},"role":"{{{role}}}"}],"users":{"mia":"{{{role}}}"},"groups":{"workshop":"{{{role}}}"}}""");
        Principal[] principals = [new Principal.Signer(Other.Public), User("mia"), User("noname", "users", "workshop")];
        foreach (var principal in principals)
        {
            Assert.Equal(permitted.Split(' ').Order(), Permitted(policy, principal).Order());
            Assert.Equal(role, Roles.Name(policy.Decide(principal, Operation.Ping).Role!.Value));
        }
    }

    [Fact]
    public void The_tenants_own_key_is_admin_until_it_is_revoked()
    {
        var policy = AccessPolicy.Of(AcmeRing, AccessRules.None);
        Assert.Equal(Operation.All.Count, Permitted(policy, new Principal.Signer(Acme.Public)).Count());
        var rotated = AcmeRing.Rotate(Bytes(KeysDocument.Sign(Acme, Tenant, 1, [Other.Public], [Acme.Public.Id])));
        // Even a configuration that still grants it a role does not bring it back.
        policy = AccessPolicy.Of(rotated, Rules($$$"""{"signers":[{"key":{{{Acme.Public}}},"role":"admin"}]}"""));
        Assert.Empty(Permitted(policy, new Principal.Signer(Acme.Public)));
        Assert.Equal([Other.Public], policy.CommandKeys);
    }

    [Fact]
    public void Who_has_the_token_has_the_role_that_the_devices_file_gives_it_and_the_tenant_says_what_that_may_do()
    {
        var token = new Principal.TokenHolder(Role.Viewer);
        Assert.Equal(["ping", "status", "signals.read", "ledger.read"], Permitted(AccessPolicy.Of(AcmeRing, AccessRules.None), token));
        Assert.Equal(["ping", "status", "signals.read", "ledger.read"], Permitted(AccessPolicy.Unassigned, token));
        Assert.Empty(Permitted(Policy("""{"roles":{"viewer":[]}}"""), token));
        Assert.Equal("token", token.ToString());
    }

    [Fact]
    public void Who_is_not_named_may_do_nothing()
    {
        var policy = Policy("""{"users":{"mia":"admin"},"groups":{"workshop":"admin"}}""");
        foreach (var principal in new[] { new Principal.Signer(Other.Public), User("mi"), User("workshop"), User("x", "mia"), Root })
        {
            Assert.Empty(Permitted(policy, principal));
            Assert.Contains("has no role here", policy.Decide(principal, Operation.Ping).Reason, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Root_of_the_device_is_admin_only_while_it_belongs_to_nobody_or_where_the_tenant_says_so()
    {
        Assert.Equal(Operation.All.Count, Permitted(AccessPolicy.Unassigned, Root).Count());
        Assert.Empty(Permitted(AccessPolicy.Unassigned, User("mia")));
        Assert.Empty(Permitted(AccessPolicy.Unassigned, new Principal.LocalUser(1000, "root", ["root"])));
        Assert.Empty(Permitted(AccessPolicy.Unassigned, new Principal.Signer(Acme.Public)));
        Assert.Empty(Permitted(AccessPolicy.Of(null, AccessRules.None), Root));
        Assert.Equal(["ping", "status", "signals.read", "ledger.read"], Permitted(Policy("""{"users":{"root":"viewer"}}"""), Root));
    }

    [Fact]
    public void Of_several_roles_each_counts_and_the_highest_is_told()
    {
        var policy = Policy("""{"users":{"mia":"viewer"},"groups":{"workshop":"technician","fitters":"installer"},"roles":{"installer":["log.level"]}}""");
        var mia = User("mia", "workshop", "fitters");
        Assert.Equal(["can.record", "config.read", "dtc.freeze", "dtc.read", "ledger.read", "log.level", "obd.discover", "obd.query", "outbox.flush", "ping", "signals.read", "status", "support-bundle"], Permitted(policy, mia).Order());
        Assert.Equal((true, Role.Technician), (policy.Decide(mia, Operation.Ping).IsPermitted, policy.Decide(mia, Operation.Ping).Role!.Value));
        Assert.Equal((false, Role.Installer), (policy.Decide(mia, Operation.ClearTroubleCodes).IsPermitted, policy.Decide(mia, Operation.ClearTroubleCodes).Role!.Value));
    }

    [Fact]
    public void A_tenant_may_say_what_a_role_may_do()
    {
        var policy = Policy("""{"users":{"mia":"viewer","bob":"technician"},"roles":{"viewer":["dtc.clear"],"technician":[]}}""");
        Assert.Equal(["dtc.clear"], Permitted(policy, User("mia")));
        Assert.Empty(Permitted(policy, User("bob")));
    }

    [Theory]
    [InlineData("[]", "/access")]
    [InlineData("""{"user":{}}""", "/access/user")]
    [InlineData("""{"users":{"mia":"king"}}""", "/access/users/mia")]
    [InlineData("""{"users":{"mia":1}}""", "/access/users/mia")]
    [InlineData("""{"users":{"a:b":"viewer"}}""", "/access/users/a:b")]
    [InlineData("""{"groups":{"":"viewer"}}""", "/access/groups/")]
    [InlineData("""{"groups":[]}""", "/access/groups")]
    [InlineData("""{"roles":{"king":[]}}""", "/access/roles/king")]
    [InlineData("""{"roles":{"viewer":["ping","fly"]}}""", "/access/roles/viewer/1")]
    [InlineData("""{"roles":{"viewer":"ping"}}""", "/access/roles/viewer")]
    [InlineData("""{"signers":[{"role":"viewer"}]}""", "/access/signers/0/key")]
    [InlineData("""{"signers":[{"key":JWK}]}""", "/access/signers/0/role")]
    [InlineData("""{"signers":[{"key":JWK,"role":"viewer"},{"key":JWK,"role":"admin"}]}""", "/access/signers/1/key")]
    [InlineData("""{"signers":[{"key":{"kty":"EC"},"role":"viewer"}]}""", "/access/signers/0/key/crv")]
    public void What_is_wrong_with_a_section_has_a_place(string section, string pointer)
    {
        List<ConfigurationMistake> mistakes = [];
        _ = AccessRules.Read(JsonOf(section.Replace("JWK", Other.Public.ToString(), StringComparison.Ordinal)), "/access", mistakes);
        Assert.Equal(pointer, mistakes[0].Pointer);
    }

    [Fact]
    public void All_mistakes_of_a_section_are_found_at_once()
    {
        List<ConfigurationMistake> mistakes = [];
        _ = AccessRules.Read(JsonOf("""{"x":1,"users":{"mia":"king","bob":2},"roles":{"admin":[3]}}"""), "/access", mistakes);
        Assert.Equal(["/access/x", "/access/users/mia", "/access/users/bob", "/access/roles/admin/0"], mistakes.Select(mistake => mistake.Pointer));
    }

    private static Principal.LocalUser User(string name, params string[] groups) => new(1000, name, groups);

    private static IEnumerable<string> Permitted(AccessPolicy policy, Principal principal) =>
        Operation.All.Where(operation => policy.Decide(principal, operation).IsPermitted).Select(operation => operation.Name);

    private static AccessPolicy Policy(string section) => AccessPolicy.Of(AcmeRing, Rules(section));

    private static AccessRules Rules(string section)
    {
        List<ConfigurationMistake> mistakes = [];
        var rules = AccessRules.Read(JsonOf(section), "", mistakes);
        Assert.Empty(mistakes);
        return rules;
    }
}
