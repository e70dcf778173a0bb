using System.Text;
using Streaming.Silo.History;
using Streaming.Silo.Host;
using Streaming.Tests.Parity;
using Xunit;

namespace Streaming.Tests.History;

/// <summary>What a life left, opened once more by the standalone host.</summary>
internal sealed class Past : IDisposable
{
    private readonly SqliteStateStore states;

    public Past(ParityData data)
    {
        states = new SqliteStateStore(data.StatesPath);
        Run = new ParityRun(data, states, ParityScript.Rulebook(), ParityRun.Options with { Workers = 1 }, ParityRun.Journal with { InlineContinuations = true }, parts => new WorkerTurns(parts));
    }

    public ParityRun Run { get; }

    /// <summary>The product's own, over archives and what is not archived yet.</summary>
    public ISubjectHistory History => Run.Host.History;

    public StateAsOf Of(ISubjectHistory history) => new(history, states.OpenPast, Run.Host.Rulebooks);

    public IPastStates OpenStates() => states.OpenPast();

    public void Prune(long begins)
    {
        while (states.PruneCopies(_ => begins, 50))
        {
        }
    }

    /// <summary>Every moment as of then is what was shown.</summary>
    public void Check(IEnumerable<Shown> moments)
    {
        StateAsOf states = Of(History);
        foreach (Shown shown in moments)
        {
            PastAnswer answer = states.At(shown.Kind, shown.Key, shown.At.ToUnixTimeMilliseconds(), CancellationToken.None);
            Assert.True(answer.Refusal == PastRefusal.None, $"{shown.Kind} {shown.Key} as of {shown.At:O}: {answer.Text}");
            string? json = answer.Json is null ? null : Encoding.UTF8.GetString(answer.Json);
            Assert.True(json == shown.Json, $"{shown.Kind} {shown.Key} as of {shown.At:O}, position {answer.Position}:\nthen {shown.Json}\nnow  {json}");
        }
    }

    public void Dispose() => Run.Dispose();
}
