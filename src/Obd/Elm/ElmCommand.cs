using System.Text;

namespace EdgeAgent.Obd.Elm;

/// <summary>What a command is for, and so what its answer means.</summary>
internal enum ElmPurpose
{
    /// <summary>To find out whether anybody is there, and to end whatever was under way.</summary>
    Attention,

    /// <summary>To have all settings as they are in the beginning.</summary>
    Reset,

    /// <summary>A setting without which it goes on.</summary>
    Optional,

    /// <summary>Headers on.</summary>
    Headers,

    /// <summary>Which protocol.</summary>
    Protocol,

    /// <summary>Whether it is an STN chip.</summary>
    Identity,

    /// <summary>Any request, to have it find the protocol.</summary>
    Search,

    /// <summary>Which protocol it has found.</summary>
    Found,

    /// <summary>Whom to ask.</summary>
    Address,

    /// <summary>The request of the exchange.</summary>
    Request,

    /// <summary>The voltage of the vehicle's battery.</summary>
    Voltage,
}

/// <summary>A line to the adapter.</summary>
/// <param name="Text">Without its end.</param>
/// <param name="Purpose">What for.</param>
/// <param name="Timeout">How long nothing may come until its prompt.</param>
internal sealed record ElmCommand(string Text, ElmPurpose Purpose, TimeSpan Timeout)
{
    public byte[] ToBytes() => Encoding.ASCII.GetBytes(Text + "\r");

    /// <summary>True if a line only repeats the command, as adapters do until they are told not to.</summary>
    public bool IsEcho(ReadOnlySpan<byte> line)
    {
        int at = 0;
        foreach (byte character in line)
        {
            if (character == ' ') continue;
            while (at < Text.Length && Text[at] == ' ') at++;
            if (at == Text.Length || char.ToUpperInvariant((char)character) != Text[at++]) return false;
        }
        return at == Text.Length;
    }
}
