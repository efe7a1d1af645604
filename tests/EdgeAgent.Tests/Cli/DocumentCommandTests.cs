using System.Text;
using EdgeAgent.Cli;
using EdgeAgent.Tenancy.Documents;

namespace EdgeAgent.Tests.Cli;

public sealed class DocumentCommandTests
{
    private const string Document = "eyJhbGciOiJFUzI1NiJ9.eyJhIjoxfQ.AA";

    [Theory]
    [InlineData("")]
    [InlineData("\n")]
    [InlineData("\n\n")]
    [InlineData("\r\n \t\n")]
    public void White_space_behind_a_document_does_not_matter(string behind) =>
        Assert.Equal("""{"a":1}""", DocumentCommand.Peek(Encoding.UTF8.GetBytes(Document + behind)).Payload.GetRawText());

    [Theory]
    [InlineData("\n" + Document)]
    [InlineData(Document + "\nx")]
    public void Anything_else_around_it_does(string text) => Assert.Throws<DocumentException>(() => DocumentCommand.Peek(Encoding.UTF8.GetBytes(text)));
}
