using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Ingest;
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
    private readonly TokenRegistration? environment;
    private readonly PasswordCheck passwords;

    /// <param name="environmentToken">Value of <c>STREAMING_ADMIN_TOKEN</c>; null or empty where it is not set.</param>
    /// <param name="passwordRounds">Rounds of the slow hash for new passwords.</param>
    public AccessBook(string? environmentToken, int passwordRounds = AccessLimits.PasswordRounds)
    {
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

    public TokenRegistration? FindToken(string name) => tokens.GetValueOrDefault(name);

    /// <summary>Who presented this bearer token; null where nobody has it.</summary>
    public Principal? Find(string bearer)
    {
        string hash = Secrets.HashGenerated(Encoding.UTF8.GetBytes(bearer));
        return FindByHash(hash) is { } token ? Principal.From(token) : null;
    }

    /// <summary>False once the token of a caller was replaced, taken back or given other rights: a stream that was opened with it ends.</summary>
    public bool IsCurrent(Principal principal) => FindByHash(principal.Hash) is { } token && Principal.From(token) == principal;

    public async ValueTask<Admission> AuthenticateAsync(string user, ReadOnlyMemory<byte> password, CancellationToken cancellation)
    {
        if (environment is not null && user == AdministratorName && Secrets.Verify(password.Span, environment.Hash))
        {
            return new Admission(null, environment, null);
        }

        TokenRegistration? token = tokens.GetValueOrDefault(user);
        if (token is not null && Secrets.Verify(password.Span, token.Hash))
        {
            return new Admission(null, token, null);
        }

        SourceRegistration? device = devices.GetValueOrDefault(user);
        return await passwords.CheckAsync(user, device?.SecretHash, password, cancellation).ConfigureAwait(false) switch
        {
            Checked.Right => new Admission(device, null, null),
            Checked.Busy => new Admission(null, null, Busy),
            _ => new Admission(null, null, Refused),
        };
    }

    public void Dispose() => passwords.Dispose();

    private TokenRegistration? FindByHash(string hash)
    {
        if (environment is not null && environment.Hash == hash)
        {
            return environment;
        }

        return tokensByHash.GetValueOrDefault(hash);
    }

    private void Put(View view, string key, byte[]? json)
    {
        if (view == View.Devices)
        {
            if (json is null)
            {
                devices.TryRemove(key, out _);
            }
            else
            {
                SourceRegistration device = Read(json, GrainsJson.Default.SourceRegistration, view, key);
                bool known = devices.ContainsKey(key);
                devices[key] = device;
                if (!known)
                {
                    return;
                }
            }

            Changed?.Invoke(key);
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

    private static T Read<T>(byte[] json, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type, View view, string key) =>
        JsonSerializer.Deserialize(json, type) ?? throw new InvalidDataException($"Row '{key}' of list {view} is empty.");
}
