using System.Text;
using Streaming.Silo.Access;
using Xunit;

namespace Streaming.Tests.Api;

public sealed class PasswordCheckTests : IDisposable
{
    private readonly PasswordCheck check = new(rounds: 1000, concurrency: 1);

    public void Dispose() => check.Dispose();

    [Fact]
    public async Task A_storm_of_reconnects_costs_one_slow_hash()
    {
        string stored = Secrets.HashChosen("p"u8, 1000);
        for (int i = 0; i < 100; i++)
        {
            Assert.Equal(Checked.Right, await CheckAsync("S07", stored, "p"));
        }

        Assert.Equal(1, check.SlowChecks);
    }

    [Fact]
    public async Task Every_new_wrong_answer_costs_one_slow_hash_whatever_was_wrong()
    {
        Assert.Equal(Checked.Wrong, await CheckAsync("nobody", null, "p"));
        Assert.Equal(1, check.SlowChecks);
        Assert.Equal(Checked.Wrong, await CheckAsync("generated", Secrets.HashGenerated("right"u8), "p"));
        Assert.Equal(2, check.SlowChecks);
        Assert.Equal(Checked.Wrong, await CheckAsync("chosen", Secrets.HashChosen("right"u8, 1000), "p"));
        Assert.Equal(3, check.SlowChecks);
        Assert.Equal(Checked.Wrong, await CheckAsync("nobody", null, "p"));
        Assert.Equal(3, check.SlowChecks);
    }

    [Fact]
    public async Task A_generated_secret_costs_no_slow_hash()
    {
        string secret = Secrets.Generate();
        Assert.Equal(Checked.Right, await CheckAsync("S07", Secrets.HashGenerated(Encoding.UTF8.GetBytes(secret)), secret));
        Assert.Equal(0, check.SlowChecks);
    }

    [Fact]
    public async Task A_changed_password_is_not_answered_from_memory()
    {
        Assert.Equal(Checked.Right, await CheckAsync("S07", Secrets.HashChosen("old"u8, 1000), "old"));
        Assert.Equal(Checked.Wrong, await CheckAsync("S07", Secrets.HashChosen("new"u8, 1000), "old"));
    }

    [Fact]
    public async Task An_answer_for_one_user_is_none_for_another()
    {
        string stored = Secrets.HashChosen("p"u8, 1000);
        Assert.Equal(Checked.Right, await CheckAsync("S07", stored, "p"));
        Assert.Equal(Checked.Wrong, await CheckAsync("S08", null, "p"));
    }

    [Fact]
    public async Task Checks_beyond_those_that_may_wait_are_refused_at_once()
    {
        using PasswordCheck slow = new(rounds: 500_000, concurrency: 1);
        using CancellationTokenSource cancel = new();
        List<Task<Checked>> checks = [.. Enumerable.Range(0, AccessLimits.WaitingChecks + 5).Select(i => slow.CheckAsync($"u{i}", null, "p"u8.ToArray(), cancel.Token).AsTask())];
        Assert.Contains(checks, task => task.IsCompletedSuccessfully && task.Result == Checked.Busy);
        Assert.True(checks.Count(task => task.IsCompleted) <= 10);
        await cancel.CancelAsync();
        await Task.WhenAll(checks).ContinueWith(_ => { }, TaskScheduler.Default);
    }

    [Theory]
    [InlineData("")]
    [InlineData("plain")]
    [InlineData("sha256:")]
    [InlineData("pbkdf2:")]
    [InlineData("pbkdf2:0:aa:bb")]
    [InlineData("pbkdf2:1000:zz:bb")]
    [InlineData("pbkdf2:999999999:aa:bb")]
    public void A_damaged_hash_matches_nothing(string stored)
    {
        Assert.False(Secrets.Verify("p"u8, stored));
        Assert.False(Secrets.Verify(""u8, stored));
    }

    [Fact]
    public void A_chosen_password_is_kept_in_the_documented_form_and_salted()
    {
        string first = Secrets.HashChosen("p"u8, 1000);
        Assert.Matches("^pbkdf2:1000:[0-9a-f]{32}:[0-9a-f]{64}$", first);
        Assert.NotEqual(first, Secrets.HashChosen("p"u8, 1000));
        Assert.True(Secrets.Verify("p"u8, first));
        Assert.Equal("sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae", Secrets.HashGenerated("foo"u8));
    }

    private ValueTask<Checked> CheckAsync(string user, string? stored, string password) => check.CheckAsync(user, stored, Encoding.UTF8.GetBytes(password), default);
}
