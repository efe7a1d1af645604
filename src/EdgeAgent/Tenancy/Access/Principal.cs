using EdgeAgent.Tenancy.Documents;

namespace EdgeAgent.Tenancy.Access;

/// <summary>Who asks for something.</summary>
internal abstract record Principal
{
    private Principal()
    {
    }

    /// <summary>Whoever has signed a command.</summary>
    /// <param name="Key">Checked: the command's signature is this key's.</param>
    public sealed record Signer(VerificationKey Key) : Principal
    {
        public override string ToString() => $"key:{Key.Id}";
    }

    /// <summary>Whoever has the token of the local API, which the device's own file makes good for a role.</summary>
    /// <param name="Role">That role.</param>
    public sealed record TokenHolder(Role Role) : Principal
    {
        public override string ToString() => "token";
    }

    /// <summary>A user of the device, as the kernel knows him.</summary>
    /// <param name="UserId">0 is root.</param>
    /// <param name="Name">Of the user; his number if he has none.</param>
    /// <param name="Groups">The names of his groups.</param>
    public sealed record LocalUser(uint UserId, string Name, IReadOnlyList<string> Groups) : Principal
    {
        public override string ToString() => $"user:{Name}";
    }
}
