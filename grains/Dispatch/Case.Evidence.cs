using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Streaming.Models.Encoding;

namespace Streaming.Grains.Dispatch;

/// <summary>
/// The record of a case, under a chain of hashes. Everything that happens is an entry: rows of a list, the entries of one turn in one row, so that a case of thousands of entries has a state as small as any; the state has the number of the last entry and
/// its hash. What a person wrote is a row of its own, by its salted hash in the entry, so that it can be erased and the chain still holds.
/// </summary>
/// <remarks>
/// The entries' rows are never read by a turn. A hash is made in the turn (SHA-256 is the same everywhere); the head is signed outside, where a key and randomness may be. What the case cites (readings, pictures, what registers say) is copied outside turns as well:
/// the turn shows what it wants, and hears with <see cref="EvidenceSealed"/> what became of it, which is an entry in turn.
/// </remarks>
public sealed partial class Case
{
    private const string JoinedEntry = "warning-joined";

    /// <summary>Entries of this turn, not shown yet; empty between turns, as the next four are.</summary>
    private readonly List<(string Hash, byte[] Entry)> entered = [];

    private long firstEntered;

    /// <summary>The entry that the files of this turn came with.</summary>
    private long filesEntry;

    /// <summary>The warning that the next entry seals.</summary>
    private Warning? sealing;

    /// <summary>Whose words the entries of this turn have, the salt of their hashes, and the files that came with them.</summary>
    private (string By, string? Salt, Attachment[]? Files)? speaking;

    /// <summary>Said before a person's action is done: what is recorded in that name from here on is in that person's words.</summary>
    private void Speaks(string by, string? salt, Attachment[]? files = null) => speaking = (by, salt, files);

    /// <summary>Adds an entry to the record and its hash to the chain; its number.</summary>
    private long Enter(scoped in Turn turn, string what, string by, string? note, WorkOrder? order = null, string[]? evidence = null, EvidenceRow? item = null, long? erased = null)
    {
        if (Now.ChainEntries == 0 && Now.History.Count > 0)
        {
            // A case of before there were chains: what it did until now is not under one.
            (Warning? next, sealing) = (sealing, null);
            Now.ChainHead = Convert.ToHexStringLower(CaseChain.Genesis(Now.Id));
            Append(turn, Entry(turn, "chain-begins", Now.Id, "what was before is not under the chain", null, null, null, null));
            sealing = next;
        }

        Now.ChainHead ??= Convert.ToHexStringLower(CaseChain.Genesis(Now.Id));
        return Append(turn, Entry(turn, what, by, note, order, evidence, item, erased));
    }

    private long Append(scoped in Turn turn, byte[] entry)
    {
        if (entered.Count > 0 && entered.Sum(each => each.Entry.Length) + entry.Length > GrainLimits.RecordRowBytes)
        {
            ShowEntered(turn);
        }

        byte[] head = CaseChain.Next(Convert.FromHexString(Now.ChainHead!), entry);
        Now.ChainHead = Convert.ToHexStringLower(head);
        Now.ChainEntries++;
        firstEntered = entered.Count == 0 ? Now.ChainEntries : firstEntered;
        entered.Add((Now.ChainHead, entry));
        return Now.ChainEntries;
    }

    /// <summary>Shows the entries of the turn; its last act.</summary>
    private void ShowEntered(scoped in Turn turn)
    {
        sealing = null;
        if (entered.Count == 0)
        {
            return;
        }

        ByteWriter bytes = new(1024);
        using (Utf8JsonWriter json = new(bytes, GrainsJson.WriterOptions))
        {
            json.WriteStartObject();
            json.WriteString("case", Now.Id);
            json.WriteNumber("first", firstEntered);
            json.WriteNumber("count", entered.Count);
            json.WriteStartArray("entries");
            foreach ((string hash, byte[] entry) in entered)
            {
                json.WriteStartObject();
                json.WriteString("hash", hash);
                json.WritePropertyName("entry");
                json.WriteRawValue(entry, skipInputValidation: true);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        turn.Effects.ShowWritten(View.CaseRecords, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Now.Id}/{firstEntered:D9}"), bytes.Written);
        entered.Clear();
    }

    private byte[] Entry(scoped in Turn turn, string what, string by, string? note, WorkOrder? order, string[]? evidence, EvidenceRow? item, long? erased)
    {
        bool spoken = speaking is { } person && person.By == by && (note is not null || evidence is { Length: > 0 } || person.Files is { Length: > 0 });
        ByteWriter bytes = new(512);
        using (Utf8JsonWriter json = new(bytes, GrainsJson.WriterOptions))
        {
            json.WriteStartObject();
            json.WriteNumber("number", Now.ChainEntries + 1);
            json.WriteNumber("atMs", turn.NowMs);
            json.WriteString("what", what);
            json.WriteString("by", by);
            if (spoken)
            {
                json.WriteString("textSha256", KeepText(turn, note, evidence));
            }
            else if (note is not null)
            {
                json.WriteString("note", note);
            }

            WriteOrder(json, order);
            WriteFiles(json, spoken);
            if (sealing is { } warning)
            {
                json.WritePropertyName("warning");
                JsonSerializer.Serialize(json, warning, DispatchJson.Default.Warning);
                if (Now.SealedRulebook != turn.Rules.Version)
                {
                    DecisionRules.Write(json, turn.Rules, warning);
                    Now.SealedRulebook = turn.Rules.Version;
                }

                sealing = null;
            }

            if (item is not null)
            {
                json.WritePropertyName("item");
                JsonSerializer.Serialize(json, item, DispatchJson.Default.EvidenceRow);
            }

            if (erased is { } number)
            {
                json.WriteNumber("erased", number);
            }

            json.WriteEndObject();
        }

        return CanonicalJson.Of(bytes.Written);
    }

    private static void WriteOrder(Utf8JsonWriter json, WorkOrder? order)
    {
        if (order is null)
        {
            return;
        }

        json.WriteStartObject("workOrder");
        json.WriteNumber("number", order.Number);
        json.WriteString("department", order.Department);
        json.WriteString("role", order.Role);
        json.WriteString("stage", order.Stage);
        json.WriteString("state", order.State);
        if (order.DueMs is { } due)
        {
            json.WriteNumber("dueMs", due);
        }

        if (order.Outcome is not null)
        {
            json.WriteString("outcome", order.Outcome);
        }

        json.WriteEndObject();
    }

    /// <summary>Files come with the first entry in their sender's name.</summary>
    private void WriteFiles(Utf8JsonWriter json, bool spoken)
    {
        if (!spoken || speaking is not { Files: { Length: > 0 } files } person)
        {
            return;
        }

        json.WriteStartArray("attachments");
        foreach (Attachment file in files)
        {
            json.WriteStartObject();
            json.WriteString("sha256", file.Sha256);
            json.WriteString("type", file.Type);
            json.WriteNumber("bytes", file.Bytes);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        speaking = person with { Files = null };
        filesEntry = Now.ChainEntries + 1;
    }

    /// <summary>Keeps what a person wrote beside the entry; its hash.</summary>
    private string KeepText(scoped in Turn turn, string? note, string[]? evidence)
    {
        long number = Now.ChainEntries + 1;
        (_, string? salt, Attachment[]? files) = speaking!.Value;
        string[]? names = files?.Select(file => file.Name ?? "").ToArray();

        // A command of before there were salts has none. What stands in for it keeps hashes of one text apart, and hides nothing.
        salt ??= Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{Now.Id}\n{number}\n{turn.Position}"))[..16]);
        CaseText text = new(Now.Id, number, salt, note, evidence is { Length: > 0 } ? evidence : null, names is { Length: > 0 } ? names : null);
        turn.Effects.Show(View.CaseTexts, CaseChain.TextKey(Now.Id, number), text);
        return Convert.ToHexStringLower(SHA256.HashData(CanonicalJson.Of(JsonSerializer.SerializeToUtf8Bytes(text, DispatchJson.Default.CaseText))));
    }

    /// <summary>A reading that joins a line of the history is an entry of its own, as long as there are not too many of them; past that every hundredth is.</summary>
    private void EnterJoined(scoped in Turn turn, string what, string by, string figures)
    {
        if (Now.Warnings <= GrainLimits.WarningsSealed || Now.Warnings % GrainLimits.WarningsSealed == 0)
        {
            Enter(turn, what, by, figures);
        }

        sealing = null;
    }

    /// <summary>Wants a copy of what a warning cites and the case has none of.</summary>
    private void Want(scoped in Turn turn, Warning warning)
    {
        if (Now.LastItem == 0 && Now.SubjectKind == ActorKind.Vehicle)
        {
            Want(turn, warning, EvidenceKinds.Register, null);
        }

        foreach (CitedReading reading in warning.Evidence.Readings)
        {
            string key = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{reading.Source}\n{reading.Id}\n{reading.At.ToUnixTimeMilliseconds()}"))[..8]);
            if (Now.ReadingsWanted.Remove(key))
            {
                // The one that opened the warning is cited for as long as it lasts, so it is kept in mind.
                Now.ReadingsWanted.Add(key);
                continue;
            }

            if (Now.LastItem >= GrainLimits.CopiesPerCase)
            {
                if (!Now.CopiesFull)
                {
                    Now.CopiesFull = true;
                    Enter(turn, "copies-end", Now.Id, $"{GrainLimits.CopiesPerCase} copies are kept; of what is cited from here on the warnings' own figures are");
                }

                return;
            }

            Now.ReadingsWanted.Add(key);
            if (Now.ReadingsWanted.Count > GrainLimits.ReadingsRemembered)
            {
                Now.ReadingsWanted.RemoveAt(0);
            }

            Want(turn, warning, EvidenceKinds.Reading, reading);
            if (reading.Image is not null)
            {
                Want(turn, warning, EvidenceKinds.Picture, reading);
            }
        }
    }

    private void Want(scoped in Turn turn, Warning warning, string kind, CitedReading? reading)
    {
        bool picture = kind == EvidenceKinds.Picture;
        EvidenceRow item = NewItem(kind, EvidenceStates.Wanted) with
        {
            SubjectKind = warning.SubjectKind,
            Subject = warning.Subject,
            Source = reading?.Source,
            Reading = reading?.Id,
            At = reading?.At,
            Url = picture ? reading?.Image : null,
            Expected = picture ? reading?.ImageSha256 : null,
            Before = turn.Position,
            DueMs = CopyDueMs(turn.NowMs),
        };
        Now.Wanted.Add(item.Number);
        Show(turn, item);
    }

    /// <summary>
    /// What a case opens with is copied at once. What joins later is gathered, and due together when the next full minute since its opening is over: each telling of the case is a turn, an entry and its rows in the lists, and of a truck that
    /// is weighed every day, or a tank that tells of itself every second, they are as few so for many readings as for one.
    /// </summary>
    private long CopyDueMs(long nowMs)
    {
        if (Now.LastItem <= GrainLimits.CopiesAtOnce)
        {
            return nowMs;
        }

        long open = Math.Max(0, nowMs - Now.OpenedMs);
        return nowMs - (open % GrainLimits.CopiesGatheredMs) + GrainLimits.CopiesGatheredMs;
    }

    private EvidenceRow NewItem(string kind, string itemState)
    {
        int number = ++Now.LastItem;
        return new EvidenceRow($"{Now.Id}-e{number}", Now.Id, number, kind, itemState);
    }

    private static void Show(scoped in Turn turn, EvidenceRow item) => turn.Effects.Show(View.Evidence, item.Id, item);

    /// <summary>What became of copies. Told twice, one counts once.</summary>
    private void HearOfCopies(scoped in Turn turn, EvidenceSealed told)
    {
        bool changed = false;
        foreach (EvidenceRow item in told.Items ?? (told.Item is { } one ? [one] : []))
        {
            if (state is null || !Now.Wanted.Contains(item.Number) || item.Case != Now.Id)
            {
                continue;
            }

            if (item.State != EvidenceStates.Wanted)
            {
                Now.Wanted.Remove(item.Number);
                Enter(turn, item.State == EvidenceStates.Kept ? "copy-kept" : "copy-failed", Now.Id, null, item: item with { DueMs = null, Before = null });
                changed = true;
            }

            Show(turn, item.State == EvidenceStates.Wanted ? item : item with { DueMs = null });
        }

        if (changed)
        {
            ShowChanges(turn);
        }

        turn.Effects.Reply(ReplyStatus.Done);
    }

    /// <summary>Files that came with an action, kept as they are: one item each.</summary>
    private void KeepFiles(scoped in Turn turn, WorkOrder order, Attachment[]? files)
    {
        foreach (Attachment file in files ?? [])
        {
            Show(turn, NewItem(EvidenceKinds.Attachment, EvidenceStates.Kept) with { Sha256 = file.Sha256, Type = file.Type, Bytes = file.Bytes, Received = Time(turn.NowMs), Source = OrderId(order), Entry = filesEntry });
        }

        Now.Files += files?.Length ?? 0;
    }

    /// <summary>What is wrong with files that come with an action; null where nothing is.</summary>
    private string? WrongFiles(Attachment[]? files) =>
        files is null or [] ? null
        : files.Length > GrainLimits.FilesPerAction ? $"At most {GrainLimits.FilesPerAction} files come with one action."
        : Now.Files + files.Length > GrainLimits.FilesPerCase ? $"The case has {Now.Files} files; at most {GrainLimits.FilesPerCase} are kept."
        : Array.Exists(files, file => file is null || file.Sha256 is not { Length: 64 } || file.Name?.Length > GrainLimits.FileNameChars || file.Type is not { Length: > 0 and <= 64 }) ? "A file is named by its SHA-256 and its type."
        : null;

    /// <summary>
    /// Erases what was written in an entry. The entry and the hash stay, and the erasure is an entry itself. Whoever may erase, and whether there is anything to erase, is looked at outside: the rows are not the turn's to read.
    /// </summary>
    private void Erase(scoped in Turn turn, EraseText erase)
    {
        if (state is null || erase.Entry < 1 || erase.Entry > Now.ChainEntries)
        {
            turn.Effects.Reply(ReplyStatus.NotFound, $"The record of case {turn.Key} has no entry {erase.Entry}.");
            return;
        }

        if (string.IsNullOrWhiteSpace(erase.Reason) || erase.Reason.Length > GrainLimits.NoteChars)
        {
            turn.Effects.Reply(ReplyStatus.Invalid, $"Say in 'reason' why it is erased, in 1 to {GrainLimits.NoteChars} characters.");
            return;
        }

        string? was = null;
        foreach (CaseEntry line in Now.History.Where(line => line.Number == erase.Entry))
        {
            was = line.Note;
            line.Note = null;
            line.Evidence = null;
        }

        foreach (WorkOrder order in Now.WorkOrders)
        {
            bool noted = order.NoteEntry == erase.Entry;
            bool asked = order.Request is { } request && was?.Contains(request.Reason, StringComparison.Ordinal) == true;
            if (noted || asked)
            {
                order.Note = noted ? null : order.Note;
                order.Record = noted ? null : order.Record;
                order.Request = asked ? order.Request! with { Reason = "" } : order.Request;
                Touch(order);
            }
        }

        turn.Effects.Hide(View.CaseTexts, CaseChain.TextKey(Now.Id, erase.Entry));
        Enter(turn, "erased", erase.By, erase.Reason, erased: erase.Entry);
        ShowChanges(turn);
        turn.Effects.Reply(ReplyStatus.Done, $"What was written in entry {erase.Entry} is erased; its hash stays.");
    }
}
