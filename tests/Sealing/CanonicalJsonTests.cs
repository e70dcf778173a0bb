using System.Text;
using System.Text.Json;
using Streaming.Models.Encoding;
using Xunit;

namespace Streaming.Tests.Sealing;

public class CanonicalJsonTests
{
    [Theory]
    [InlineData("""{ "b" : 1.50, "a" : [ true , null ] }""", """{"a":[true,null],"b":1.50}""")]
    [InlineData("\"\\u7ca4\\/\\u0022\\\\\\u0001\\u001f\\n\"", "\"粤/\\\"\\\\\\u0001\\u001f\\n\"")]
    [InlineData("""{"é":1,"z":2,"😀":3,"！":4}""", """{"z":2,"é":1,"！":4,"😀":3}""")]
    [InlineData("1E+2", "1E+2")]
    public void Two_writings_of_one_document_have_one_form(string json, string canonical) =>
        Assert.Equal(canonical, Encoding.UTF8.GetString(CanonicalJson.Of(Encoding.UTF8.GetBytes(json))));

    [Fact]
    public void A_member_that_is_there_twice_has_no_form() =>
        Assert.Throws<JsonException>(() => CanonicalJson.Of("""{"a":1,"a":2}"""u8));
}
