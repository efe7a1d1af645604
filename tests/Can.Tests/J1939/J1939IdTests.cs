using CsCheck;
using EdgeAgent.Can.J1939;

namespace EdgeAgent.Can.Tests.J1939;

public sealed class J1939IdTests
{
    [Theory]
    [InlineData(0x0CF00400, 3, 61444, 255, 0x00)] // PDU2: electronic engine controller 1
    [InlineData(0x18FECA17, 6, 65226, 255, 0x17)] // PDU2: DM1
    [InlineData(0x18EAFF0B, 6, 59904, 255, 0x0B)] // PDU1: a request to everybody
    [InlineData(0x18EF0A21, 6, 61184, 0x0A, 0x21)] // PDU1: proprietary A to one node
    [InlineData(0x19EF000B, 6, 126720, 0x00, 0x0B)] // data page: proprietary A2
    [InlineData(0x10FDA300, 4, 64931, 255, 0x00)]
    [InlineData(0x1BFFFFFE, 6, 262143, 255, 0xFE)] // both pages, which ISO 15765-3 uses
    [InlineData(0x00EEFFFE, 0, 60928, 255, 0xFE)]
    public void An_identifier_says_priority_group_destination_and_source(uint identifier, byte priority, uint group, byte destination, byte source)
    {
        Assert.True(J1939Id.TryFrom(CanId.Extended(identifier), out var id));
        Assert.Equal((priority, group, destination, source), (id.Priority, id.Group.Value, id.Destination, id.Source));
        Assert.Equal(identifier, id.ToCanId().Value);
    }

    [Fact]
    public void Every_identifier_is_what_it_was_taken_apart_into() =>
        Gen.UInt[0, CanId.MaxExtended].Sample(identifier =>
        {
            Assert.True(J1939Id.TryFrom(CanId.Extended(identifier), out var id));
            Assert.Equal(identifier, id.ToCanId().Value);
            Assert.True(ParameterGroupNumber.TryFrom(id.Group.Value, out var group));
            Assert.Equal(id.Group, group);
            Span<byte> bytes = stackalloc byte[ParameterGroupNumber.Bytes];
            group.Write(bytes);
            Assert.True(ParameterGroupNumber.TryRead(bytes, out var read));
            Assert.Equal(group, read);
        });

    [Fact]
    public void What_no_identifier_of_J1939_can_be_is_refused()
    {
        Assert.False(J1939Id.TryFrom(CanId.Standard(0x7FF), out _));
        Assert.False(ParameterGroupNumber.TryFrom(0x4_0000, out _));
        Assert.False(ParameterGroupNumber.TryFrom(0xEA01, out _));
        Assert.Throws<ArgumentOutOfRangeException>(() => ParameterGroupNumber.From(0xEA01));
        Assert.False(ParameterGroupNumber.TryRead([0x00, 0xEA, 0x04], out _));
        Assert.True(ParameterGroupNumber.TryRead([0x21, 0xEA, 0x00], out var group));
        Assert.Equal(ParameterGroupNumber.Request, group);
        Assert.Throws<ArgumentOutOfRangeException>(() => new J1939Id(8, group, 0, 0).ToCanId());
    }
}
