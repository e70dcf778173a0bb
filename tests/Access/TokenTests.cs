using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Tests.Dispatch;
using Streaming.Tests.Rules;
using Xunit;

namespace Streaming.Tests.Access;

public class TokenTests
{
    private static readonly TokenRegistration Member = new("t1", "member", "transport", "*", "sha256:" + new string('a', 64), 0);
    private readonly Scene scene = new(CityRules.Shipped, new(2026, 3, 3, 2, 0, 0, TimeSpan.Zero));

    [Fact]
    public void A_token_issued_again_under_its_name_takes_the_place_of_the_earlier_one()
    {
        Assert.Equal(ReplyStatus.Done, Issue(Member).Status);
        TokenRegistration replaced = Member with { Hash = "sha256:" + new string('b', 64) };
        Assert.Equal(ReplyStatus.Done, Issue(replaced).Status);
        Assert.Equal(replaced with { IssuedMs = scene.NowMs }, scene.Row<TokenRegistration>(View.Tokens, "t1"));
    }

    [Fact]
    public void The_same_command_again_changes_nothing()
    {
        Issue(Member);
        byte[] state = scene.StateOf(ActorKind.Token, "t1");
        Assert.Equal(ReplyStatus.Done, Issue(Member with { IssuedMs = 5 }).Status);
        Assert.Equal(state, scene.StateOf(ActorKind.Token, "t1"));
    }

    [Fact]
    public void What_is_described_has_no_hash()
    {
        Issue(Member);
        string described = scene.Describe(ActorKind.Token, "t1").GetRawText();
        Assert.Contains("\"department\":\"transport\"", described);
        Assert.DoesNotContain("aaaa", described);
        Assert.DoesNotContain("sha256", described);
    }

    [Fact]
    public void A_token_that_makes_no_sense_is_refused_and_the_name_stays_free()
    {
        Assert.Equal(ReplyStatus.Invalid, Issue(Member with { Role = "king" }).Status);
        Assert.Equal(ReplyStatus.Invalid, Issue(Member with { Department = null }).Status);
        Assert.Equal(ReplyStatus.Invalid, Issue(Member with { District = "" }).Status);
        Assert.Equal(ReplyStatus.Invalid, Issue(Member with { Name = "t2" }).Status);
        Assert.False(scene.Exists(ActorKind.Token, "t1"));
        Assert.Equal(ReplyStatus.Done, Issue(Member with { Role = "administrator", Department = null }).Status);
    }

    private Reply Issue(TokenRegistration registration) => scene.Send(ActorKind.Token, "t1", MessageKind.IssueToken, registration)!;
}
