using CsCheck;

namespace EdgeAgent.Obd.Tests;

public sealed class DiagnosticTroubleCodeTests
{
    [Theory]
    [InlineData("0301", "P0301")]
    [InlineData("0143", "P0143")]
    [InlineData("4123", "C0123")]
    [InlineData("9234", "B1234")]
    [InlineData("C100", "U0100")]
    [InlineData("3FFF", "P3FFF")]
    [InlineData("C10087", "U0100:87")]
    [InlineData("030100", "P0301:00")]
    public void Bytes_become_the_text_of_SAE_J2012(string bytes, string text)
    {
        byte[] raw = Convert.FromHexString(bytes);
        var code = raw.Length == 2 ? DiagnosticTroubleCode.FromJ1979(raw) : DiagnosticTroubleCode.FromUds(raw);
        Assert.Equal(text, code.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("X0301")]
    [InlineData("P4301")]
    [InlineData("P03G1")]
    [InlineData("P0301:")]
    [InlineData("P0301-00")]
    [InlineData("P0301:0")]
    [InlineData("P 301")]
    public void Text_that_is_no_code_is_refused(string text) => Assert.False(DiagnosticTroubleCode.TryParse(text, out _));

    [Fact]
    public void Every_code_reads_back_from_its_text() =>
        Gen.Select(Gen.UShort, Gen.Byte.Nullable()).Select((code, failure) => new DiagnosticTroubleCode(code, failure)).Sample(code =>
            DiagnosticTroubleCode.TryParse(code.ToString(), out var read) && read == code
            && DiagnosticTroubleCode.TryParse(code.ToString().ToLowerInvariant(), out read) && read == code);
}
