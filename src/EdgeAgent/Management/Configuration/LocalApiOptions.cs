using EdgeAgent.Tenancy.Access;

namespace EdgeAgent.Management.Configuration;

/// <summary>The local API for programs that cannot use its socket: HTTP on the loopback address, for who has the token.</summary>
/// <param name="Port">1–65535.</param>
/// <param name="TokenFile">The token is its first line; read at each request, so that it can be renewed.</param>
/// <param name="Role">What who has it is to the device, whoever's it is.</param>
internal sealed record LocalApiOptions(int Port, string TokenFile, Role Role);
