using System.Net;
using System.Security.Cryptography;
using System.Text;
using Streaming.Grains.Messages;
using Streaming.Silo.Notices;
using Streaming.Tests.Support;
using Xunit;

namespace Streaming.Tests.Notices;

public sealed class GatewayClientTests : IAsyncDisposable
{
    private static readonly byte[] Secret = "a secret of the gateway"u8.ToArray();
    private static readonly byte[] Body = "{\"id\":\"harbour-1-n1\"}"u8.ToArray();
    private static readonly IPNetwork Loopback = IPNetwork.Parse("127.0.0.0/8");
    private readonly FakeGateway gateway = new();

    public ValueTask DisposeAsync() => gateway.DisposeAsync();

    [Fact]
    public async Task A_request_carries_a_signature_over_its_key_its_time_and_its_body()
    {
        Assert.Equal(Sent.Delivered, await SendAsync());
        FakeGateway.Request request = Assert.Single(gateway.Requests);
        Assert.Equal(("POST /notices HTTP/1.1", "harbour-1-n1@5", Encoding.UTF8.GetString(Body)), (request.Line, request.Key, request.Text));
        long at = long.Parse(request.Headers["Streaming-Timestamp"], System.Globalization.CultureInfo.InvariantCulture);
        Assert.InRange(at, DateTimeOffset.UtcNow.ToUnixTimeSeconds() - 60, DateTimeOffset.UtcNow.ToUnixTimeSeconds());
        byte[] signed = Encoding.UTF8.GetBytes($"{request.Key}.{request.Headers["Streaming-Timestamp"]}.{request.Text}");
        Assert.Equal("v1=" + Convert.ToHexStringLower(HMACSHA256.HashData(Secret, signed)), request.Headers["Streaming-Signature"]);
        Assert.DoesNotContain("a secret", string.Join(' ', request.Headers.Values), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(200, NoticeOutcomes.Delivered)]
    [InlineData(202, NoticeOutcomes.Delivered)]
    [InlineData(400, NoticeOutcomes.Failed)]
    [InlineData(404, NoticeOutcomes.Failed)]
    [InlineData(408, NoticeOutcomes.Retry)]
    [InlineData(429, NoticeOutcomes.Retry)]
    [InlineData(500, NoticeOutcomes.Retry)]
    [InlineData(503, NoticeOutcomes.Retry)]
    public async Task A_status_says_whether_it_is_worth_trying_again(int status, string outcome)
    {
        gateway.Answer = _ => Task.FromResult<string?>(FakeGateway.Status(status));
        Assert.Equal(outcome, (await SendAsync()).Outcome);
    }

    [Fact]
    public async Task A_redirect_is_not_followed()
    {
        gateway.Answer = _ => Task.FromResult<string?>(FakeGateway.Status(307, $"Location: http://127.0.0.1:{gateway.Port}/elsewhere\r\n"));
        Sent sent = await SendAsync();
        Assert.Equal(NoticeOutcomes.Failed, sent.Outcome);
        Assert.Contains("redirects are not followed", sent.Reason, StringComparison.Ordinal);
        Assert.Single(gateway.Requests);
    }

    [Fact]
    public async Task An_address_that_is_not_public_is_connected_to_only_where_that_is_allowed()
    {
        Sent sent = await SendAsync(allowed: []);
        Assert.Equal(NoticeOutcomes.Failed, sent.Outcome);
        Assert.Contains("not public", sent.Reason, StringComparison.Ordinal);
        Assert.Contains("not public", (await SendAsync(allowed: [IPNetwork.Parse("10.0.0.0/8")])).Reason, StringComparison.Ordinal);
        Assert.Empty(gateway.Requests);
    }

    [Fact]
    public async Task A_gateway_that_never_answers_is_given_up_and_tried_again()
    {
        gateway.Answer = _ => Task.FromResult<string?>(null);
        Sent sent = await SendAsync(timeout: TimeSpan.FromMilliseconds(200));
        Assert.Equal(NoticeOutcomes.Retry, sent.Outcome);
        Assert.Contains("no answer", sent.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_huge_answer_is_not_read_and_huge_headers_are_refused()
    {
        gateway.Answer = _ => Task.FromResult<string?>("HTTP/1.1 200 OK\r\nContent-Length: 4000000000\r\n\r\n" + new string('x', 100_000));
        Assert.Equal(NoticeOutcomes.Delivered, (await SendAsync()).Outcome);
        gateway.Answer = _ => Task.FromResult<string?>($"HTTP/1.1 200 OK\r\nX: {new string('x', 64 * 1024)}\r\nContent-Length: 0\r\n\r\n");
        Assert.Equal(NoticeOutcomes.Retry, (await SendAsync()).Outcome);
    }

    [Fact]
    public async Task Nobody_listening_is_worth_trying_again()
    {
        int port = TestPort.Next();
        Assert.Equal(NoticeOutcomes.Retry, (await SendAsync(url: $"http://127.0.0.1:{port}/")).Outcome);
    }

    [Theory]
    [InlineData("127.0.0.1", false)]
    [InlineData("::1", false)]
    [InlineData("::ffff:127.0.0.1", false)]
    [InlineData("::ffff:10.0.0.1", false)]
    [InlineData("0.0.0.0", false)]
    [InlineData("10.1.2.3", false)]
    [InlineData("172.16.0.1", false)]
    [InlineData("172.32.0.1", true)]
    [InlineData("192.168.1.1", false)]
    [InlineData("100.64.0.1", false)]
    [InlineData("169.254.169.254", false)]
    [InlineData("224.0.0.1", false)]
    [InlineData("255.255.255.255", false)]
    [InlineData("fe80::1", false)]
    [InlineData("fc00::1", false)]
    [InlineData("ff02::1", false)]
    [InlineData("64:ff9b::a00:1", false)]
    [InlineData("2002:a00:1::1", false)]
    [InlineData("2001:db8::1", false)]
    [InlineData("8.8.8.8", true)]
    [InlineData("2400:3200::1", true)]
    public void Public_addresses_are_told_from_all_others(string address, bool isPublic)
    {
        Assert.Equal(isPublic, OutsideAddress.MayBe(IPAddress.Parse(address), []));
        Assert.True(OutsideAddress.MayBe(IPAddress.Parse("::ffff:10.1.2.3"), [IPNetwork.Parse("10.1.0.0/16")]));
        Assert.False(OutsideAddress.MayBe(IPAddress.Parse("10.2.2.3"), [IPNetwork.Parse("10.1.0.0/16")]));
    }

    private async Task<Sent> SendAsync(IPNetwork[]? allowed = null, TimeSpan? timeout = null, string? url = null)
    {
        using GatewayClient client = new(new Gateway("sms", new Uri(url ?? gateway.Url), Secret, allowed ?? [Loopback], timeout ?? TimeSpan.FromSeconds(30)), TimeProvider.System);
        return await client.SendAsync("harbour-1-n1@5", Body, CancellationToken.None);
    }
}
