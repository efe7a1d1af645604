namespace EdgeAgent.Can.J1939;

/// <summary>What an address claim meant.</summary>
public enum AddressClaim
{
    /// <summary>The frame was none.</summary>
    None,

    /// <summary>A NAME has an address that nobody had.</summary>
    Claimed,

    /// <summary>It has it still.</summary>
    Confirmed,

    /// <summary>It has the address of another, whose NAME is larger.</summary>
    Taken,

    /// <summary>It wanted the address of another whose NAME is smaller, and which will defend it.</summary>
    Contested,

    /// <summary>It has no address and says so (cannot claim, from the null address).</summary>
    Given,
}

/// <summary>Who is at which address, as address claims tell that are heard on a bus (SAE J1939-81 §4.2). Not thread-safe; allocates nothing.</summary>
public sealed class J1939AddressTable
{
    private readonly ulong[] _names = new ulong[J1939Address.Null];
    private readonly bool[] _isTaken = new bool[J1939Address.Null];

    /// <summary>The NAME at an address; false if none has claimed it.</summary>
    public bool TryGetName(byte address, out J1939Name name)
    {
        bool isKnown = J1939Address.IsNode(address) && _isTaken[address];
        name = isKnown ? new J1939Name(_names[address]) : default;
        return isKnown;
    }

    /// <summary>The address of a NAME; false if it has none.</summary>
    public bool TryGetAddress(J1939Name name, out byte address)
    {
        for (address = 0; address < J1939Address.Null; address++)
        {
            if (_isTaken[address] && _names[address] == name.Value) return true;
        }
        return false;
    }

    /// <summary>Takes a frame, if it is an address claim.</summary>
    public AddressClaim Observe(in J1939Id id, ReadOnlySpan<byte> payload)
    {
        if (id.Group != ParameterGroupNumber.AddressClaimed || id.Source == J1939Address.Global || !J1939Name.TryRead(payload, out var name)) return AddressClaim.None;
        bool hadAddress = TryGetAddress(name, out byte before);
        if (hadAddress && before == id.Source) return AddressClaim.Confirmed;
        if (hadAddress) _isTaken[before] = false;
        if (id.Source == J1939Address.Null) return AddressClaim.Given;
        bool isOthers = _isTaken[id.Source];
        if (isOthers && name > new J1939Name(_names[id.Source])) return AddressClaim.Contested;
        _names[id.Source] = name.Value;
        _isTaken[id.Source] = true;
        return isOthers ? AddressClaim.Taken : AddressClaim.Claimed;
    }
}
