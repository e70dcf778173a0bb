using System.Text;
using System.Text.Json;
using Streaming.Grains.Access;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Silo.Host;
using Streaming.Tests.Rules;
using Streaming.Tests.Views;

namespace Streaming.Tests.Api;

/// <summary>
/// Actors of a few lines: registrations and tokens are shown as they come; a work order can be accepted once; everything else is what the test says. What it shows reaches the lists when the test, or <see cref="Applied"/>, lets it.
/// </summary>
internal sealed class FakeHost(RecordSource journal) : IActorHost
{
    private long audited;

    public Dictionary<string, string> Described { get; } = new(StringComparer.Ordinal);

    public List<(ActorKind Kind, string Key, MessageKind Message, string Body)> Commands { get; } = [];

    /// <summary>Commands whose rows are in the journal; counted from another thread, so under the lock that covers both.</summary>
    public int Handled
    {
        get
        {
            lock (Commands)
            {
                return Commands.Count;
            }
        }
    }

    /// <summary>Runs after each command; by default nothing, so the lists stay behind.</summary>
    public Action Applied { get; set; } = () => { };

    /// <summary>Everything that the audit was told, and how many other commands there were before it.</summary>
    public List<(AuditEntry Entry, int CommandsBefore)> Audits { get; } = [];

    /// <summary>The audit, by key.</summary>
    public SortedDictionary<string, AuditEntry> Entries { get; } = new(StringComparer.Ordinal);

    /// <summary>False where the list of the audit has what the test puts there alone.</summary>
    public bool ShowsAudit { get; set; } = true;

    /// <summary>Why commands are refused, by message; none by default.</summary>
    public Func<MessageKind, string?> Refuses { get; set; } = _ => null;

    public Func<WorkOrderAction, Reply> Act { get; set; } = _ => new Reply(ReplyStatus.Done, "", []);

    public Func<WebhookAction, Reply> ActOnWebhook { get; set; } = _ => new Reply(ReplyStatus.Done, "", []);

    public Func<CaseAction, Reply> ActOnCase { get; set; } = _ => new Reply(ReplyStatus.Done, "", []);

    /// <summary>Answers to splitting and merging.</summary>
    public Func<Reply> Rearrange { get; set; } = () => new Reply(ReplyStatus.Done, "", []);

    /// <summary>Why questions are refused; null where they are answered.</summary>
    public string? Unavailable { get; set; }

    public string Name { get; set; } = "standalone";

    public string? NotReady { get; set; }

    /// <summary>The rulebook that is decided about; no journal, in force at once.</summary>
    public Rulebook Rules { get; private set; } = CityRules.Shipped.WithVersion(1);

    public ValueTask<CommandResult> CommandAsync(ActorKind kind, string key, MessageKind message, ReadOnlyMemory<byte> body, CancellationToken cancellation)
    {
        if (Refuses(message) is { } why)
        {
            return ValueTask.FromException<CommandResult>(new HostUnavailableException(why));
        }

        string text = Encoding.UTF8.GetString(body.Span);
        Reply reply = new(ReplyStatus.Done, "", []);
        lock (Commands)
        {
            Commands.Add((kind, key, message, text));
            switch (message)
            {
                case MessageKind.RegisterSource:
                    journal.ShowRaw(View.Devices, key, text);
                    break;
                case MessageKind.IssueToken:
                    journal.ShowRaw(View.Tokens, key, text);
                    break;
                case MessageKind.ActOnWorkOrder:
                    WorkOrderAction action = JsonSerializer.Deserialize(text, GrainsJson.Default.WorkOrderAction)!;
                    reply = Act(action);
                    if (reply.Status == ReplyStatus.Done)
                    {
                        journal.Show(View.WorkOrders, action.WorkOrder, Rows.WorkOrder(state: "accepted") with { AcceptedBy = action.By, Note = action.Note });
                    }

                    break;
                case MessageKind.ActOnWebhook:
                    reply = ActOnWebhook(JsonSerializer.Deserialize(text, GrainsJson.Default.WebhookAction)!);
                    break;
                case MessageKind.ActOnCase:
                    reply = ActOnCase(JsonSerializer.Deserialize(text, GrainsJson.Default.CaseAction)!);
                    break;
                case MessageKind.FileReport:
                    ReportFiled filed = JsonSerializer.Deserialize(text, GrainsJson.Default.ReportFiled)!;
                    journal.Show(View.Reports, key, Rows.Report(key, district: filed.Facts.District, by: filed.By) with { Kind = filed.Facts.Kind });
                    break;
                case MessageKind.SplitCase or MessageKind.MergeCase:
                    reply = Rearrange();
                    break;
                default:
                    break;
            }
        }

        CommandResult result = new(reply, journal.Last);
        Applied();
        return ValueTask.FromResult(result);
    }

    /// <summary>What the audit's actor does, so that its list is what it would be.</summary>
    public ValueTask<long> RecordAsync(ActorKind kind, string key, MessageKind message, ReadOnlyMemory<byte> body)
    {
        if (Refuses(message) is { } why)
        {
            return ValueTask.FromException<long>(new HostUnavailableException(why));
        }

        AuditEntry entry = JsonSerializer.Deserialize(body.Span, GrainsJson.Default.AuditEntry)!;
        long position;
        lock (Commands)
        {
            Audits.Add((entry, Commands.Count));

            // The position of its command, which here is no record.
            position = ++audited;
            string row = entry.Began ?? Audit.KeyOf(position);
            Entries[row] = Entries.TryGetValue(row, out AuditEntry? begun)
                ? entry with { Began = null, Id = row, Number = begun.Number, At = begun.At }
                : entry with { Id = row, Number = Entries.Values.Count(each => each.Who == entry.Who) + 1, At = DateTimeOffset.FromUnixTimeMilliseconds(journal.NowMs) };
            if (ShowsAudit)
            {
                journal.Show(View.Audit, row, Entries[row]);
            }
        }

        Applied();
        return ValueTask.FromResult(position);
    }

    public ValueTask<Decided> DecideAsync(Func<Rulebook, RulebookDecisions> decide, CancellationToken cancellation)
    {
        Rulebook decided = Rules.With(decide(Rules));
        IReadOnlyList<RulebookProblem> problems = decided.Check();
        if (problems.Count == 0 && decided.ContentHash != Rules.ContentHash)
        {
            Rules = Rulebook.Parse(decided.WithVersion(Rules.Version + 1).ToJson());
        }

        return ValueTask.FromResult(new Decided(Rules.Version, problems));
    }

    public ValueTask<byte[]?> DescribeAsync(ActorKind kind, string key, CancellationToken cancellation) => Unavailable is { } why
        ? ValueTask.FromException<byte[]?>(new HostUnavailableException(why))
        : ValueTask.FromResult(Described.TryGetValue($"{ActorId.Prefix(kind)}:{key}", out string? json) ? Encoding.UTF8.GetBytes(json) : null);
}
