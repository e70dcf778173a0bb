using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Ingest;
using Streaming.Models.Geography;
using Streaming.Models.Readings;
using Streaming.Silo.Views;

namespace Streaming.Silo.Access;

/// <summary>
/// Devices and tokens as registered, in memory, and who of those that knock is one of them. Filled from the lists at the start and kept by the projector, so it is at most as far behind as they are.
/// </summary>
/// <remarks>
/// Readers take no lock: each name maps to one immutable registration, and a token is found by the hash of what was presented, so a replaced token stops working with the write that replaces it.
/// The administrator's token from the environment is kept here alone, works whatever the lists say, and is never written anywhere.
/// </remarks>
internal sealed class AccessBook : IAccess, IDisposable
{
    public const string AdministratorName = "admin";
    private const string Refused = "Unknown user or wrong password.";
    private const string Busy = "Too many sign-ins at once; try again in a few seconds.";

    private readonly ConcurrentDictionary<string, SourceRegistration> devices = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, TokenRegistration> tokens = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, TokenRegistration> tokensByHash = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> devicesByCertificate = new(StringComparer.Ordinal);

    /// <summary>By subject: the devices that watch it, with their districts. Each map is replaced as a whole.</summary>
    private readonly ConcurrentDictionary<(ActorKind Kind, string Key), ImmutableSortedDictionary<string, string>> watchers = new();
    private readonly TokenRegistration? environment;
    private readonly PasswordCheck passwords;
    private readonly Lockouts lockouts;
    private readonly TimeProvider time;

    /// <param name="environmentToken">Value of <c>STREAMING_ADMIN_TOKEN</c>; null or empty where it is not set.</param>
    /// <param name="passwordRounds">Rounds of the slow hash for new passwords.</param>
    /// <param name="time">Clock of the lock-outs and of rights given for a time; the system's where none is given.</param>
    public AccessBook(string? environmentToken, int passwordRounds = AccessLimits.PasswordRounds, TimeProvider? time = null)
    {
        this.time = time ?? TimeProvider.System;
        lockouts = new Lockouts(this.time);
        passwords = new PasswordCheck(passwordRounds, Math.Max(1, Environment.ProcessorCount / 2));
        if (!string.IsNullOrEmpty(environmentToken))
        {
            environment = new TokenRegistration(AdministratorName, Roles.Name(Role.Administrator), null, Principal.WholeCity, Secrets.HashGenerated(Encoding.UTF8.GetBytes(environmentToken)), 0);
        }
    }

    /// <summary>Whether the environment gave an administrator's token.</summary>
    /// <summary>
    /// A device or token that was known is another one now, or gone; connections made in its name have rights that it may have lost. Raised on the projector's thread before the change is
    /// said to be visible, so whoever connects after that is not meant.
    /// </summary>
    public event Action<string>? Changed;

    public bool HasEnvironmentToken => environment is not null;

    public int Devices => devices.Count;

    public int Tokens => tokens.Count;

    public PasswordCheck Passwords => passwords;

    /// <summary>Who tried to sign in and is not registered.</summary>
    public StrangerBook Strangers { get; } = new();

    /// <summary>Takes in what the lists hold. At the start, before anyone is admitted.</summary>
    public void Load(ViewReader reader)
    {
        foreach (View view in (View[])[View.Devices, View.Tokens])
        {
            foreach ((string key, byte[] json) in reader.All(view))
            {
                Put(view, key, json);
            }
        }
    }

    /// <summary>Takes in an applied batch. Projector only.</summary>
    public void Apply(ViewBatch batch)
    {
        foreach (ViewChange change in batch.Changes)
        {
            Put(change.View, change.Key, change.Json);
        }
    }

    public SourceRegistration? FindDevice(string id) => devices.GetValueOrDefault(id);

    /// <summary>Districts of the devices that watch an enterprise or a place; none where nobody does.</summary>
    public IReadOnlyCollection<string> DistrictsOf(ActorKind kind, string key) => [.. (watchers.GetValueOrDefault((kind, key))?.Values ?? []).Distinct(StringComparer.Ordinal)];

    /// <summary>Every registered device, in no order.</summary>
    public IEnumerable<SourceRegistration> All => devices.Select(each => each.Value);

    /// <summary>Enterprises, or places, that devices watch, in no order.</summary>
    public IEnumerable<string> Watched(ActorKind kind) => watchers.Where(each => each.Key.Kind == kind).Select(each => each.Key.Key);

    /// <summary>The devices that watch an enterprise or a place, in order of their ids.</summary>
    public IEnumerable<SourceRegistration> WatchersOf(ActorKind kind, string key) => (watchers.GetValueOrDefault((kind, key))?.Keys ?? []).Select(FindDevice).OfType<SourceRegistration>();

    /// <summary>Whether any device that is not cut off may subscribe to just this topic.</summary>
    public bool IsReceived(string topic) => devices.Values.Any(device => device.Disabled is not true && device.Receives is { } filters && Array.IndexOf(filters, topic) >= 0);

    public TokenRegistration? FindToken(string name) => tokens.GetValueOrDefault(name);

    /// <summary>What a token has given to others for a time, and whether it is in force.</summary>
    public IReadOnlyList<(TokenRegistration Token, bool InForce)> DelegationsOf(string name) =>
        [.. tokens.Values.Where(token => token.Delegation?.By == name).OrderBy(token => token.Name, StringComparer.Ordinal).Select(token => (token, IsInForce(token)))];

    /// <summary>Who presented this bearer token; null where nobody has it.</summary>
    public Principal? Find(string bearer) => FindHash(Secrets.HashGenerated(Encoding.UTF8.GetBytes(bearer)));

    /// <summary>Whose token has this hash; null where none in force has.</summary>
    public Principal? FindHash(string hash) => FindByHash(hash) is { } token ? Principal.From(token) : null;

    /// <summary>False once the token of a caller was replaced, taken back or given other rights: a stream that was opened with it ends.</summary>
    public bool IsCurrent(Principal principal) => FindByHash(principal.Hash) is { } token && Principal.From(token) == principal;

    public async ValueTask<Admission> AuthenticateAsync(string user, ReadOnlyMemory<byte> password, IPAddress? address, CancellationToken cancellation)
    {
        if (environment is not null && user == AdministratorName && Secrets.Verify(password.Span, environment.Hash))
        {
            return new Admission(null, environment, null);
        }

        TokenRegistration? token = tokens.GetValueOrDefault(user);
        if (token is not null && IsInForce(token) && Secrets.Verify(password.Span, token.Hash))
        {
            return new Admission(null, token, null);
        }

        SourceRegistration? device = devices.GetValueOrDefault(user);
        if (PasswordCheck.IsGeneratedAndRight(device?.SecretHash, password.Span))
        {
            lockouts.Succeed(user, address);
            return new Admission(device, null, null);
        }

        if (lockouts.WaitOf(user, address) is { Ticks: > 0 } wait)
        {
            return new Admission(null, null, string.Create(CultureInfo.InvariantCulture, $"Locked out for {Math.Ceiling(wait.TotalSeconds):F0} s more after too many wrong passwords."), AdmissionRefusal.LockedOut);
        }

        switch (await passwords.CheckAsync(user, device?.SecretHash, password, cancellation).ConfigureAwait(false))
        {
            case Checked.Right:
                lockouts.Succeed(user, address);
                return new Admission(device, null, null);
            case Checked.Busy:
                return new Admission(null, null, Busy, AdmissionRefusal.Busy);
            default:
                lockouts.Fail(user, address);
                if (!Knows(user))
                {
                    Strangers.Add(user, address, time.GetUtcNow());
                }

                return new Admission(null, null, Refused);
        }
    }

    public Admission? AdmitByCertificate(ClientCertificate certificate, string user)
    {
        if (!certificate.InForce)
        {
            return null;
        }

        if (devicesByCertificate.GetValueOrDefault(certificate.Fingerprint) is { } holder && devices.GetValueOrDefault(holder) is { } registered)
        {
            return user.Length == 0 || user == holder ? new Admission(registered, null, null) : new Admission(null, null, $"The certificate {certificate.Fingerprint} is registered with {holder}.");
        }

        if (!certificate.Chains)
        {
            return null;
        }

        // One that the city's own authority has issued says who it is; so it may not be used in another's name, not even with that one's password.
        if (certificate.Names.Count > 0 && !certificate.Names.Any(devices.ContainsKey))
        {
            Strangers.Add(certificate.Names[0], null, time.GetUtcNow());
        }

        string[] named = [.. certificate.Names.Where(name => user.Length == 0 ? devices.ContainsKey(name) : name == user)];
        if (named is [{ } only] && devices.GetValueOrDefault(only) is { } device)
        {
            return device.Certificate is null
                ? new Admission(device, null, null)
                : new Admission(null, null, $"The device is registered with another certificate than {certificate.Fingerprint}.");
        }

        return new Admission(null, null, named.Length > 1
            ? $"The certificate names {named.Length} registered devices and no user name says which."
            : $"The certificate is of {(certificate.Names.Count == 0 ? "nobody" : string.Join(", ", certificate.Names))}{(user.Length == 0 ? ", which is no registered device." : ".")}");
    }

    public bool IsCurrent(Admission admission) => admission switch
    {
        { Device: { } device } => ReferenceEquals(devices.GetValueOrDefault(device.Id), device),
        { Token: { } token } => ReferenceEquals(token, environment) || (ReferenceEquals(tokens.GetValueOrDefault(token.Name), token) && IsInForce(token)),
        _ => false,
    };

    public bool Knows(string user) => devices.ContainsKey(user) || tokens.ContainsKey(user) || (environment is not null && user == AdministratorName);

    public void Dispose() => passwords.Dispose();

    private TokenRegistration? FindByHash(string hash)
    {
        if (environment is not null && environment.Hash == hash)
        {
            return environment;
        }

        return tokensByHash.GetValueOrDefault(hash) is { } token && IsInForce(token) ? token : null;
    }

    /// <summary>District of the registered device nearest to a position, at most so far away; null where there is none. Of two as near the one with the lesser id.</summary>
    public string? DistrictNear(GeoPosition position, double withinM)
    {
        string? district = null;
        (double Metres, string Id) nearest = (withinM, "");
        foreach ((string id, SourceRegistration device) in devices)
        {
            if (device is { Latitude: { } latitude, Longitude: { } longitude } && GeoDistance.StraightM(position, new GeoPosition((int)Math.Round(latitude * 1e6), (int)Math.Round(longitude * 1e6))) is double metres
                && (metres < nearest.Metres || (metres == nearest.Metres && (district is null || string.CompareOrdinal(id, nearest.Id) < 0))))
            {
                nearest = (metres, id);
                district = device.District;
            }
        }

        return district;
    }

    /// <summary>What was given for a time ends with that time, and with the token that gave it.</summary>
    private bool IsInForce(TokenRegistration token) =>
        token.Delegation is not { } given
        || (given.Until > time.GetUtcNow() && tokens.GetValueOrDefault(given.By) is { Delegation: null } giver && giver.IssuedMs == given.BySinceMs);

    private void Put(View view, string key, byte[]? json)
    {
        if (view == View.Devices)
        {
            SourceRegistration? device = json is null ? null : Read(json, GrainsJson.Default.SourceRegistration, view, key);
            SourceRegistration? earlier = devices.GetValueOrDefault(key);
            if (device is null)
            {
                devices.TryRemove(key, out _);
            }
            else
            {
                devices[key] = device;
            }

            // The older certificate goes first. Where two devices were given the same one, the later holds it, and it alone takes it away again.
            if (earlier?.Certificate is { } before && devicesByCertificate.GetValueOrDefault(before) == key)
            {
                devicesByCertificate.TryRemove(before, out _);
            }

            if (device?.Certificate is { } certificate)
            {
                devicesByCertificate[certificate] = key;
            }

            Watch(earlier, key, null);
            Watch(device, key, device?.District);
            if (earlier is not null)
            {
                Changed?.Invoke(key);
            }
        }
        else if (view == View.Tokens)
        {
            bool known = tokens.TryRemove(key, out TokenRegistration? earlier);
            if (known)
            {
                tokensByHash.TryRemove(earlier!.Hash, out _);
            }

            if (json is not null)
            {
                TokenRegistration token = Read(json, GrainsJson.Default.TokenRegistration, view, key);
                tokens[key] = token;
                tokensByHash[token.Hash] = token;
            }

            if (known)
            {
                Changed?.Invoke(key);
            }
        }
    }

    /// <summary>Enters a device with what it watches, or takes it out: its enterprise, or its place, which for a camera without one is its own.</summary>
    private void Watch(SourceRegistration? device, string id, string? district)
    {
        if (device is null)
        {
            return;
        }

        if (device.Enterprise is { } enterprise)
        {
            Watch((ActorKind.Enterprise, enterprise), id, district);
        }

        Watch((ActorKind.Place, device.Place ?? $"camera:{id}"), id, district);
    }

    private void Watch((ActorKind Kind, string Key) subject, string id, string? district)
    {
        ImmutableSortedDictionary<string, string> all = watchers.GetValueOrDefault(subject) ?? ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);
        all = district is null ? all.Remove(id) : all.SetItem(id, district);
        if (all.IsEmpty)
        {
            watchers.TryRemove(subject, out _);
        }
        else
        {
            watchers[subject] = all;
        }
    }

    private static T Read<T>(byte[] json, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type, View view, string key) =>
        JsonSerializer.Deserialize(json, type) ?? throw new InvalidDataException($"Row '{key}' of list {view} is empty.");
}
