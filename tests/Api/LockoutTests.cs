using System.Net;
using System.Text;
using System.Text.Json;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Ingest;
using Streaming.Silo.Access;
using Streaming.Silo.Views;
using Xunit;

namespace Streaming.Tests.Api;

public sealed class LockoutTests
{
    private static readonly IPAddress Here = IPAddress.Parse("10.0.0.7");
    private static readonly IPAddress There = IPAddress.Parse("10.0.0.8");

    private readonly Support.ManualTime time = new(new DateTimeOffset(2026, 11, 21, 0, 20, 0, TimeSpan.Zero));

    [Fact]
    public void A_few_failures_cost_no_wait_and_each_further_one_doubles_it()
    {
        Lockouts lockouts = new(time);
        for (int i = 1; i < AccessLimits.FailuresOfUser; i++)
        {
            lockouts.Fail("S07", Here);
            Assert.Equal(TimeSpan.Zero, lockouts.WaitOf("S07", Here));
        }

        foreach (int seconds in new[] { 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300 })
        {
            lockouts.Fail("S07", Here);
            Assert.Equal(TimeSpan.FromSeconds(seconds), lockouts.WaitOf("S07", Here));
            time.Advance(TimeSpan.FromSeconds(seconds));
            Assert.Equal(TimeSpan.Zero, lockouts.WaitOf("S07", Here));
        }
    }

    [Fact]
    public void Failures_at_one_address_are_no_other_ones_concern_and_a_user_locks_out_no_other()
    {
        Lockouts lockouts = new(time);
        Repeat(20, () => lockouts.Fail("S07", Here));
        Assert.NotEqual(TimeSpan.Zero, lockouts.WaitOf("S07", Here));
        Assert.Equal(TimeSpan.Zero, lockouts.WaitOf("S07", There));
        Assert.Equal(TimeSpan.Zero, lockouts.WaitOf("S08", Here));
    }

    [Fact]
    public void Many_failures_over_many_users_lock_an_address()
    {
        Lockouts lockouts = new(time);
        for (int i = 0; i < AccessLimits.FailuresOfAddress; i++)
        {
            lockouts.Fail($"guess-{i}", Here);
        }

        Assert.NotEqual(TimeSpan.Zero, lockouts.WaitOf("S07", Here));
        Assert.Equal(TimeSpan.Zero, lockouts.WaitOf("S07", There));
    }

    [Fact]
    public void A_success_resets_the_user_and_takes_its_failures_off_the_address_but_not_those_of_others()
    {
        Lockouts lockouts = new(time);
        Repeat(10, () => lockouts.Fail("S07", Here));
        lockouts.Succeed("S07", Here);
        Assert.Equal((TimeSpan.Zero, 0), (lockouts.WaitOf("S07", Here), lockouts.Count));
        for (int i = 0; i < AccessLimits.FailuresOfAddress; i++)
        {
            lockouts.Fail($"guess-{i}", Here);
            lockouts.Succeed("S07", Here);
        }

        Assert.NotEqual(TimeSpan.Zero, lockouts.WaitOf("S07", Here));
    }

    [Fact]
    public void What_failed_long_ago_is_forgotten()
    {
        Lockouts lockouts = new(time);
        Repeat(8, () => lockouts.Fail("S07", Here));
        time.Advance(TimeSpan.FromMilliseconds(AccessLimits.FailuresForgottenMs + 1));
        lockouts.Fail("S07", Here);
        Assert.Equal(TimeSpan.Zero, lockouts.WaitOf("S07", Here));
    }

    [Fact]
    public void Addresses_of_one_ipv6_subscriber_are_one_and_mapped_ones_are_what_they_map()
    {
        Lockouts lockouts = new(time);
        Repeat(6, () => lockouts.Fail("S07", IPAddress.Parse("2001:db8:1:2::1")));
        Assert.NotEqual(TimeSpan.Zero, lockouts.WaitOf("S07", IPAddress.Parse("2001:db8:1:2:ffff::9")));
        Assert.Equal(TimeSpan.Zero, lockouts.WaitOf("S07", IPAddress.Parse("2001:db8:1:3::1")));
        Repeat(6, () => lockouts.Fail("S07", Here.MapToIPv6()));
        Assert.NotEqual(TimeSpan.Zero, lockouts.WaitOf("S07", Here));
    }

    [Fact]
    public void The_tables_are_bounded_whoever_knocks()
    {
        Lockouts lockouts = new(time);
        for (int i = 0; i < 3 * AccessLimits.LockedUsers; i++)
        {
            lockouts.Fail($"u{i}", new IPAddress(i + 1));
        }

        Assert.InRange(lockouts.Count, 1, AccessLimits.LockedUsers + AccessLimits.LockedAddresses);
    }

    [Fact]
    public async Task A_guesser_is_locked_out_while_the_device_goes_on_from_its_own_address()
    {
        using AccessBook access = new(null, passwordRounds: 1000, time);
        Register(access, Device("S07", Secrets.HashChosen("right"u8, 1000)));
        for (int i = 0; i < AccessLimits.FailuresOfUser; i++)
        {
            Assert.Equal(AdmissionRefusal.Wrong, (await SignInAsync(access, "S07", $"guess {i}", Here)).Kind);
        }

        long checks = access.Passwords.SlowChecks;
        Admission locked = await SignInAsync(access, "S07", "right", Here);
        Assert.Equal((null, AdmissionRefusal.LockedOut), (locked.Device, locked.Kind));
        Assert.Equal(checks, access.Passwords.SlowChecks);
        Assert.NotNull((await SignInAsync(access, "S07", "right", There)).Device);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.NotNull((await SignInAsync(access, "S07", "right", Here)).Device);
        Assert.Equal(AdmissionRefusal.Wrong, (await SignInAsync(access, "S07", "wrong", Here)).Kind);
    }

    [Fact]
    public async Task An_unknown_user_is_locked_out_as_a_known_one_is()
    {
        using AccessBook access = new(null, passwordRounds: 1000, time);
        for (int i = 0; i < AccessLimits.FailuresOfUser; i++)
        {
            await SignInAsync(access, "nobody", $"guess {i}", Here);
        }

        Assert.Equal(AdmissionRefusal.LockedOut, (await SignInAsync(access, "nobody", "p", Here)).Kind);
    }

    [Fact]
    public async Task A_generated_secret_that_is_right_is_let_in_whatever_is_locked()
    {
        using AccessBook access = new(null, passwordRounds: 1000, time);
        string secret = Secrets.Generate();
        Register(access, Device("S07", Secrets.HashGenerated(Encoding.UTF8.GetBytes(secret))));
        for (int i = 0; i <= AccessLimits.FailuresOfUser; i++)
        {
            await SignInAsync(access, "S07", $"guess {i}", Here);
        }

        Assert.Equal(AdmissionRefusal.LockedOut, (await SignInAsync(access, "S07", "one more", Here)).Kind);
        Assert.NotNull((await SignInAsync(access, "S07", secret, Here)).Device);
    }

    [Fact]
    public void A_certificate_lets_in_whom_it_is_registered_with_or_names_and_nobody_else()
    {
        using AccessBook access = new(null, passwordRounds: 1000, time);
        Register(access, Device("S07", ""));
        Register(access, Device("C07", ""));
        Register(access, Device("P07", "") with { Certificate = "pinned" });
        ClientCertificate issued = new("issued", ["S07", "gate-7"], Chains: true, InForce: true);
        Assert.Equal("S07", access.AdmitByCertificate(issued, "")?.Device?.Id);
        Assert.Equal("S07", access.AdmitByCertificate(issued, "S07")?.Device?.Id);
        Assert.NotNull(access.AdmitByCertificate(issued, "C07")!.Refusal);
        Assert.NotNull(access.AdmitByCertificate(issued with { Names = ["S07", "C07"] }, "")!.Refusal);
        Assert.Equal("C07", access.AdmitByCertificate(issued with { Names = ["S07", "C07"] }, "C07")?.Device?.Id);
        Assert.NotNull(access.AdmitByCertificate(issued with { Names = ["unknown"] }, "")!.Refusal);

        // What nobody vouches for says nothing, and a password decides.
        Assert.Null(access.AdmitByCertificate(issued with { Chains = false }, "S07"));
        Assert.Null(access.AdmitByCertificate(issued with { InForce = false }, "S07"));

        ClientCertificate pinned = new("pinned", ["whatever"], Chains: false, InForce: true);
        Assert.Equal("P07", access.AdmitByCertificate(pinned, "")?.Device?.Id);
        Assert.NotNull(access.AdmitByCertificate(pinned, "S07")!.Refusal);
        Assert.Null(access.AdmitByCertificate(pinned with { InForce = false }, "P07"));

        // A device with a certificate of its own takes no other, also from the authority.
        Assert.NotNull(access.AdmitByCertificate(issued with { Names = ["P07"] }, "P07")!.Refusal);
        Register(access, Device("P07", "") with { Certificate = "newer" });
        Assert.Null(access.AdmitByCertificate(pinned, ""));
        Assert.Equal("P07", access.AdmitByCertificate(pinned with { Fingerprint = "newer" }, "")?.Device?.Id);
    }

    [Fact]
    public void A_registration_that_changed_after_it_was_looked_up_is_no_longer_current()
    {
        using AccessBook access = new(null, passwordRounds: 1000, time);
        Register(access, Device("S07", ""));
        Admission admission = new(access.FindDevice("S07"), null, null);
        Assert.True(access.IsCurrent(admission));
        Register(access, Device("S07", ""));
        Assert.False(access.IsCurrent(admission));
    }

    [Fact]
    public async Task A_device_without_a_password_is_let_in_by_none()
    {
        using AccessBook access = new(null, passwordRounds: 1000, time);
        Register(access, Device("P07", "") with { Certificate = "pinned" });
        Assert.Null((await SignInAsync(access, "P07", "", Here)).Device);
        Assert.Null((await SignInAsync(access, "P07", "p", Here)).Device);
    }

    private static SourceRegistration Device(string id, string secretHash) => new(id, "wim", [$"v1/wim/{id}/+"], "harbour", 5, secretHash);

    private static void Register(AccessBook access, SourceRegistration device)
    {
        ViewBatch batch = new();
        batch.Changes.Add(new ViewChange(View.Devices, device.Id, JsonSerializer.SerializeToUtf8Bytes(device, GrainsJson.Default.SourceRegistration), 1));
        access.Apply(batch);
    }

    private static ValueTask<Admission> SignInAsync(AccessBook access, string user, string password, IPAddress address) => access.AuthenticateAsync(user, Encoding.UTF8.GetBytes(password), address, default);

    private static void Repeat(int times, Action action)
    {
        for (int i = 0; i < times; i++)
        {
            action();
        }
    }
}
