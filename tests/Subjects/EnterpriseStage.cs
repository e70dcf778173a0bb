using Streaming.Determinism;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Models.Ledgers;
using Streaming.Tests.Registers;
using Xunit;

namespace Streaming.Tests.Subjects;

/// <summary>Two enterprises that hear one another, with registers. Every turn's messages between them are delivered at once, as the hosts do; every change of a warning is kept.</summary>
internal sealed class EnterpriseStage
{
    public const string Acid = "914403001922038216";
    public const string Works = "91440300MA5EXAMPLE";
    public const long Noon = 1_795_262_400_000;
    public const long Hour = 3_600_000;

    /// <summary>A ledger that is off is said to be at once.</summary>
    public static readonly Rulebook AtOnce = new() { Version = 1, Balances = new BalanceRules { GraceHours = 0 } };

    private readonly Dictionary<string, SubjectStage> entries = [];
    private readonly Dictionary<string, SubjectStage> enterprises = new() { [Acid] = new SubjectStage(ActorKind.Enterprise, Acid) { Rules = AtOnce }, [Works] = new SubjectStage(ActorKind.Enterprise, Works) };

    public SubjectStage Shipper => enterprises[Acid];

    public SubjectStage Receiver => enterprises[Works];

    /// <summary>Changes of warnings so far, of the first enterprise.</summary>
    public List<WarningChanged> Told { get; } = [];

    /// <summary>Messages between the two so far.</summary>
    public int Between { get; private set; }

    /// <summary>The open warnings of the first by kind.</summary>
    public string Open => string.Join(' ', Shipper.Described.GetProperty("openWarnings").EnumerateArray().Select(warning => warning.GetProperty("kind").GetString()));

    /// <summary>The last change of a warning of the kind.</summary>
    public WarningChanged Last(string kind) => Told.Last(told => told.Warning.Kind == kind);

    public EnterpriseStage Play(params ScriptStep[] steps) => PlayAt(Acid, steps);

    public EnterpriseStage PlayAt(string enterprise, params ScriptStep[] steps)
    {
        foreach (ScriptStep step in steps)
        {
            enterprises[enterprise].Play(step);
            Deliver(enterprise);
        }

        return this;
    }

    /// <summary>Lets the reminder of the first fire.</summary>
    public EnterpriseStage Remind(long? nowMs = null, string name = "shipments")
    {
        Shipper.Remind(name, nowMs);
        Deliver(Acid);
        return this;
    }

    public void Reload()
    {
        foreach (SubjectStage enterprise in enterprises.Values)
        {
            enterprise.Reload();
        }
    }

    /// <summary>A source of a register says something, and the enterprises that it is about hear of it.</summary>
    public EnterpriseStage Say(string register, string key, string payload, long nowMs = Noon)
    {
        string name = $"{register}/{key}";
        SubjectStage entry = entries.TryGetValue(name, out SubjectStage? known) ? known : entries[name] = new SubjectStage(ActorKind.Entry, name);
        entry.Play(Statements.Say(Statements.Source("bureau", register), payload, nowMs));
        foreach ((ActorKind kind, string told, ScriptStep step) in entry.Sent)
        {
            Assert.Equal(ActorKind.Enterprise, kind);
            PlayAt(told, step);
        }

        return this;
    }

    private void Deliver(string enterprise)
    {
        if (enterprise == Acid)
        {
            Told.AddRange(Shipper.AllTold);
        }

        foreach ((ActorKind kind, string key, ScriptStep step) in enterprises[enterprise].Sent)
        {
            if (kind == ActorKind.Enterprise && enterprises.ContainsKey(key))
            {
                Between++;
                PlayAt(key, step);
            }
        }
    }
}
