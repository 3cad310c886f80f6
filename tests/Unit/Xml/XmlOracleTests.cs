using Xunit;

namespace Azprovision.Tests.Unit.Xml;

/// <summary>XmlScanner against XmlReader: the same elements, attributes, texts and places, or both refuse.</summary>
public class XmlOracleTests
{
    [Fact]
    public void Well_formed_documents_are_read() =>
        Assert.All(XmlDocuments.WellFormed, text => Assert.Null(XmlOracle.Scan(text).Problem));

    [Fact]
    public void Documents_that_are_not_well_formed_are_refused() =>
        Assert.All(XmlDocuments.NotWellFormed, text => Assert.NotNull(XmlOracle.Scan(text).Problem));

    [Fact]
    public void XmlReader_sees_every_document_in_the_same_way() =>
        Assert.All(XmlDocuments.All, text => Assert.Null(XmlOracle.Disagreement(text)));
}
