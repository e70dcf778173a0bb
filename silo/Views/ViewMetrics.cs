using System.Diagnostics.Metrics;

namespace Streaming.Silo.Views;

/// <summary>What the projector counts.</summary>
internal sealed class ViewMetrics : IDisposable
{
    public const string MeterName = "Streaming.Views";

    private readonly Meter meter = new(MeterName);
    private readonly Counter<long> transactions;
    private readonly Counter<long> changes;
    private readonly Counter<long> quarantined;
    private readonly Counter<long> failures;

    public ViewMetrics(ViewPosition position)
    {
        transactions = meter.CreateCounter<long>("streaming_views_transactions", description: "Transactions that changed the lists.");
        changes = meter.CreateCounter<long>("streaming_views_rows", description: "Rows put or taken off.");
        quarantined = meter.CreateCounter<long>("streaming_views_quarantined", description: "Rows added to the quarantine list.");
        failures = meter.CreateCounter<long>("streaming_views_failures", description: "Transactions that failed and were tried again.");
        meter.CreateObservableGauge("streaming_views_position", () => position.Current, description: "Journal position up to which the lists are current.");
    }

    public void Applied(ViewBatch batch)
    {
        transactions.Add(1);
        changes.Add(batch.Changes.Count);
        quarantined.Add(batch.Quarantine.Count);
    }

    public void Failed() => failures.Add(1);

    public void Dispose() => meter.Dispose();
}
