using CsCheck;
using EdgeAgent.Can.Errors;

namespace EdgeAgent.Can.Tests.Errors;

/// <summary>Class bits and bytes as linux/can/error.h defines them, and as drivers send them.</summary>
public sealed class CanErrorFrameTests
{
    [Theory]
    [InlineData(0x001, "0000000000000000", "send timeout")]
    [InlineData(0x002, "0000000000000000", "arbitration lost")]
    [InlineData(0x002, "0B00000000000000", "arbitration lost at bit 11")]
    [InlineData(0x004, "0000000000000000", "controller")]
    [InlineData(0x004, "0001000000000000", "controller: receive buffer overflow")]
    [InlineData(0x004, "0002000000000000", "controller: transmit buffer overflow")]
    [InlineData(0x004, "0004000000000000", "controller: receive error-warning")]
    [InlineData(0x004, "0008000000006000", "controller: transmit error-warning; error counters 96 sending, 0 receiving")]
    [InlineData(0x204, "0030000000008083", "controller: receive error-passive, transmit error-passive; error counters 128 sending, 131 receiving")]
    [InlineData(0x204, "0040000000000000", "controller: error-active again; error counters 0 sending, 0 receiving")]
    [InlineData(0x008, "0000000000000000", "protocol")]
    [InlineData(0x008, "0000040A00000000", "protocol: stuff in the data")]
    [InlineData(0x088, "0000821900000000", "protocol: form in the acknowledge slot (sending); bus error")]
    [InlineData(0x088, "00000B0800000000", "protocol: bit, form, dominant bit in the CRC sequence; bus error")]
    [InlineData(0x008, "0000700000000000", "protocol: recessive bit, overload, active error")]
    [InlineData(0x010, "0000000000000000", "transceiver")]
    [InlineData(0x010, "0000000004000000", "transceiver: CAN_H has no contact")]
    [InlineData(0x010, "0000000080000000", "transceiver: CAN_L is short-circuited to CAN_H")]
    [InlineData(0x020, "0000000000000000", "no acknowledgement")]
    [InlineData(0x040, "0000000000000000", "bus-off")]
    [InlineData(0x240, "000000000000FF07", "bus-off; error counters 255 sending, 7 receiving")]
    [InlineData(0x100, "0000000000000000", "restarted after bus-off")]
    [InlineData(0x400, "0000000000000000", "unknown class 400")]
    [InlineData(0x000, "0000000000000000", "unknown class 0")]
    [InlineData(0x1FC, "0FFFFFFF80FFFFFF", "controller: receive buffer overflow, transmit buffer overflow, receive error-warning, transmit error-warning, receive error-passive, transmit error-passive, error-active again; "
        + "protocol: bit, form, stuff, dominant bit, recessive bit, overload, active error (sending); transceiver: CAN_L is short-circuited to CAN_H; no acknowledgement; bus-off; bus error; restarted after bus-off; "
        + "error counters 255 sending, 255 receiving")]
    public void An_error_frame_is_told_in_words(uint classes, string data, string words) =>
        Assert.Equal(words, Read(classes, data).ToString());

    [Theory]
    [InlineData(0x02, "identifier bits 28-21")]
    [InlineData(0x03, "the start of frame")]
    [InlineData(0x04, "the substitute remote request bit")]
    [InlineData(0x05, "the identifier extension bit")]
    [InlineData(0x06, "identifier bits 20-18")]
    [InlineData(0x07, "identifier bits 17-13")]
    [InlineData(0x08, "the CRC sequence")]
    [InlineData(0x09, "reserved bit 0")]
    [InlineData(0x0A, "the data")]
    [InlineData(0x0B, "the data length code")]
    [InlineData(0x0C, "the remote request bit")]
    [InlineData(0x0D, "reserved bit 1")]
    [InlineData(0x0E, "identifier bits 4-0")]
    [InlineData(0x0F, "identifier bits 12-5")]
    [InlineData(0x12, "the intermission")]
    [InlineData(0x18, "the CRC delimiter")]
    [InlineData(0x19, "the acknowledge slot")]
    [InlineData(0x1A, "the end of frame")]
    [InlineData(0x1B, "the acknowledge delimiter")]
    public void A_violation_has_its_place(byte location, string words)
    {
        var error = Read(0x008, $"000002{location:X2}00000000");
        Assert.Equal((CanProtocolViolations.Form, (CanErrorLocation)location), (error.Violations, error.Location));
        Assert.Equal($"protocol: form in {words}", error.ToString());
    }

    [Theory]
    [InlineData(0x04, "CAN_H has no contact")]
    [InlineData(0x05, "CAN_H is short-circuited to the battery")]
    [InlineData(0x06, "CAN_H is short-circuited to the supply")]
    [InlineData(0x07, "CAN_H is short-circuited to ground")]
    [InlineData(0x40, "CAN_L has no contact")]
    [InlineData(0x50, "CAN_L is short-circuited to the battery")]
    [InlineData(0x60, "CAN_L is short-circuited to the supply")]
    [InlineData(0x70, "CAN_L is short-circuited to ground")]
    [InlineData(0x80, "CAN_L is short-circuited to CAN_H")]
    public void A_transceiver_tells_of_its_wires(byte fault, string words) =>
        Assert.Equal($"transceiver: {words}", Read(0x010, $"00000000{fault:X2}000000").ToString());

    [Theory]
    [InlineData(0x040, "0000000000000000", CanControllerState.BusOff)]
    [InlineData(0x100, "0000000000000000", CanControllerState.ErrorActive)]
    [InlineData(0x004, "0004000000000000", CanControllerState.ErrorWarning)]
    [InlineData(0x004, "0008000000000000", CanControllerState.ErrorWarning)]
    [InlineData(0x004, "0010000000000000", CanControllerState.ErrorPassive)]
    [InlineData(0x004, "0028000000000000", CanControllerState.ErrorPassive)]
    [InlineData(0x004, "0040000000000000", CanControllerState.ErrorActive)]
    [InlineData(0x004, "0001000000000000", null)]
    [InlineData(0x088, "0010000000000000", null)] // no class that says so
    public void A_change_of_state_is_read_from_it(uint classes, string data, CanControllerState? state) =>
        Assert.Equal(state, Read(classes, data).State);

    [Fact]
    public void Counters_are_read_where_they_are_given()
    {
        Assert.Equal((5, 0), (Read(0x200, "0000000000000500").SendErrorCounter, Read(0x200, "0000000000000500").ReceiveErrorCounter));
        Assert.Null(Read(0x088, "0000000000000500").SendErrorCounter);
        Assert.Null(Read(0x004, "0001000000000000").ReceiveErrorCounter);
    }

    [Fact]
    public void Every_error_frame_has_words_that_fit_and_writing_them_allocates_nothing()
    {
        Gen.Select(Gen.UInt[0, CanId.MaxExtended], Gen.Byte.Array[8]).Sample((classes, data) =>
        {
            Span<byte> text = stackalloc byte[CanErrorText.MaxLength];
            Assert.InRange(CanErrorText.Write(text, CanErrorFrame.Read(CanFrame.Error(classes, data))), 1, CanErrorText.MaxLength);
        });
        var worst = CanFrame.Error(CanId.MaxExtended, [255, 255, 255, 2, 0x05, 255, 255, 255]);
        byte[] destination = new byte[CanErrorText.MaxLength];
        Assert.Equal(0, Allocations.Least(() =>
        {
            for (int i = 0; i < 100; i++) _ = CanErrorText.Write(destination, CanErrorFrame.Read(worst));
        }));
    }

    [Fact]
    public void A_frame_that_is_no_error_is_refused() =>
        Assert.Throws<ArgumentException>(() => CanErrorFrame.Read(CanFrame.Data(CanId.Standard(1), [1])));

    private static CanErrorFrame Read(uint classes, string data) => CanErrorFrame.Read(CanFrame.Error(classes, Convert.FromHexString(data)));
}
