using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace EdgeAgent.Cli.Provision;

/// <summary>Passwords as mosquitto keeps them: PBKDF2 with SHA-512.</summary>
internal static class MosquittoPassword
{
    /// <summary>The broker does as many at each connection. More than mosquitto_passwd's 101, for passwords that were not made by chance.</summary>
    private const int Iterations = 5_000;

    private const int SaltBytes = 12, HashBytes = 64;

    /// <summary><c>$7$ITERATIONS$SALT$HASH</c>, to stand behind the user's name and a colon.</summary>
    public static string Hash(string password)
    {
        byte[] salt = RandomNumberGenerator.GetBytes(SaltBytes);
        byte[] hash = Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(password), salt, Iterations, HashAlgorithmName.SHA512, HashBytes);
        return string.Create(CultureInfo.InvariantCulture, $"$7${Iterations}${Convert.ToBase64String(salt)}${Convert.ToBase64String(hash)}");
    }
}
