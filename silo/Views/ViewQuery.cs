using Streaming.Grains.Inputs;
using Streaming.Grains.Turns;

namespace Streaming.Silo.Views;

/// <summary>A page of a list, newest row first. Absent filters do not filter.</summary>
internal sealed record ViewQuery(View View)
{
    public string? Subject { get; init; }

    public string? Kind { get; init; }

    public string? State { get; init; }

    public string? District { get; init; }

    /// <summary>For cases and work orders the departments concerned; for warnings those that a case about the same subject and kind concerns.</summary>
    public string? Department { get; init; }

    public string? Case { get; init; }

    public bool? Open { get; init; }

    /// <summary>Rows behind this one, from <see cref="Page{T}.Next"/>.</summary>
    public long? After { get; init; }

    /// <summary>1 to <see cref="ViewLimits.PageRows"/>.</summary>
    public int Limit { get; init; } = 100;
}

/// <summary>Rows and where the next page begins; null where there is none.</summary>
internal sealed record Page<T>(IReadOnlyList<T> Items, long? Next);

/// <summary>A row of the quarantine list.</summary>
internal sealed record QuarantineItem(long Seq, string Source, string Topic, long TimeMs, RejectReason Reason, string Detail, byte[] Payload);

/// <summary>What is open in one district.</summary>
/// <param name="District">The district.</param>
/// <param name="Warnings">Open warnings by severity; index 0 is severity 1.</param>
/// <param name="Cases">Open cases.</param>
/// <param name="Overdue">Open cases past their deadline.</param>
internal sealed record DistrictFigures(string District, long[] Warnings, long Cases, long Overdue);
