using CsCheck;
using EdgeAgent.Can.J1939;

namespace EdgeAgent.Can.Tests.J1939;

public sealed class J1939AddressTableTests
{
    private readonly J1939AddressTable _table = new();

    [Fact]
    public void A_NAME_is_taken_apart_into_its_fields()
    {
        var name = J1939Name.From(identityNumber: 0x1ABCDE, manufacturerCode: 0x5A5, function: 0x85, ecuInstance: 5, functionInstance: 0x1A, vehicleSystem: 0x55, vehicleSystemInstance: 9, industryGroup: 2, isArbitraryAddressCapable: true);
        Assert.Equal((0x1ABCDE, 0x5A5, 0x85, 5, 0x1A), (name.IdentityNumber, name.ManufacturerCode, name.Function, name.EcuInstance, name.FunctionInstance));
        Assert.Equal((0x55, 9, 2, true), (name.VehicleSystem, name.VehicleSystemInstance, name.IndustryGroup, name.IsArbitraryAddressCapable));
        // 1 010 1001 1010101 0 10000101 11010 101 10110100101 110101011110011011110
        Assert.Equal("A9AA85D5B4BABCDE", name.ToString());
        byte[] bytes = new byte[8];
        name.Write(bytes);
        Assert.Equal("DEBCBAB4D585AAA9", Convert.ToHexString(bytes));
        Assert.True(J1939Name.TryRead(bytes, out var read));
        Assert.Equal(name, read);
        Assert.False(J1939Name.TryRead(bytes.AsSpan(1), out _));
        Assert.Throws<ArgumentOutOfRangeException>(() => J1939Name.From(0x20_0000, 0, 0));
    }

    [Fact]
    public void Addresses_are_claimed_defended_lost_and_given_up()
    {
        Assert.Equal(AddressClaim.Claimed, Claim(0x10, 500));
        Assert.Equal(AddressClaim.Confirmed, Claim(0x10, 500));
        Assert.Equal(AddressClaim.Contested, Claim(0x10, 600)); // larger: 500 keeps it
        Assert.Equal("10:500", Table());
        Assert.Equal(AddressClaim.Taken, Claim(0x10, 400));
        Assert.Equal("10:400", Table());
        Assert.Equal(AddressClaim.Claimed, Claim(0x11, 500));
        Assert.Equal(AddressClaim.Given, Claim(J1939Address.Null, 600)); // cannot claim
        Assert.Equal("10:400 11:500", Table());
        Assert.Equal(AddressClaim.Claimed, Claim(0x12, 400)); // moves
        Assert.Equal(AddressClaim.Given, Claim(J1939Address.Null, 500));
        Assert.Equal("12:400", Table());
        Assert.Equal(AddressClaim.None, Claim(J1939Address.Global, 400));
        Assert.Equal(AddressClaim.None, _table.Observe(new J1939Id(6, ParameterGroupNumber.AddressClaimed, 255, 1), new byte[7]));
        Assert.Equal(AddressClaim.None, _table.Observe(new J1939Id(6, ParameterGroupNumber.Request, 255, 1), new byte[8]));
        Assert.Equal("12:400", Table());
    }

    [Fact]
    public void Whatever_is_claimed_no_NAME_has_two_addresses() =>
        Gen.Select(Gen.Byte, Gen.ULong[0, 20]).Array[0, 200].Sample(claims =>
        {
            var table = new J1939AddressTable();
            foreach (var (address, name) in claims) Observe(table, address, name);
            var names = Enumerable.Range(0, 256).Select(address => table.TryGetName((byte)address, out var name) ? name : (J1939Name?)null).Where(name => name is not null).ToArray();
            Assert.Equal(names.Length, names.Distinct().Count());
        }, iter: 200);

    private AddressClaim Claim(byte address, ulong name) => Observe(_table, address, name);

    private static AddressClaim Observe(J1939AddressTable table, byte address, ulong name)
    {
        byte[] payload = new byte[8];
        new J1939Name(name).Write(payload);
        return table.Observe(new J1939Id(6, ParameterGroupNumber.AddressClaimed, J1939Address.Global, address), payload);
    }

    private string Table() => string.Join(' ', Enumerable.Range(0, 256).Where(address => _table.TryGetName((byte)address, out _)).Select(address =>
    {
        Assert.True(_table.TryGetName((byte)address, out var name));
        Assert.True(_table.TryGetAddress(name, out byte found));
        Assert.Equal(address, found);
        return $"{address:X2}:{name.Value}";
    }));
}
