using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace EdgeAgent.Can.Tests.Fuzz;

/// <summary>An input that does harm, as short as it could be made.</summary>
[SuppressMessage("Design", "CA1032", Justification = "Without an input it says nothing.")]
internal sealed class FuzzFindingException(FuzzTarget target, int seed, byte[] input, Exception fault)
    : Exception($"{target.Name}, seed {seed}: {fault.GetType().Name}: {fault.Message}\ninput in base 64: {Convert.ToBase64String(input)}\nas text: {Show(input)}", fault)
{
    private static string Show(byte[] input)
    {
        var text = new StringBuilder();
        foreach (var value in input) _ = value is >= 0x20 and < 0x7F ? text.Append((char)value) : text.Append($"\\x{value:X2}");
        return text.ToString();
    }
}
