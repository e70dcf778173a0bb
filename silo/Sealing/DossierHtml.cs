using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Streaming.Grains.Rules;
using Streaming.Silo.Api;

namespace Streaming.Silo.Sealing;

/// <summary>A dossier as a page to be read and printed: Chinese first, English beside it. It is made of the dossier's JSON alone, so it says nothing that the JSON does not. Everything is encoded, nothing is loaded, no script runs.</summary>
internal static class DossierHtml
{
    private const string Style = """
        *{box-sizing:border-box}body{margin:0 auto;max-width:60rem;padding:1rem;font:15px/1.5 system-ui,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif;color:#111}h1{font-size:1.5rem}h2{font-size:1.15rem;margin:1.6rem 0 .4rem;border-bottom:1px solid #999}
        .en{color:#555;font-size:.9em;margin-left:.4em}table{border-collapse:collapse;width:100%;margin:.4rem 0}th,td{border:1px solid #bbb;padding:.25rem .4rem;text-align:left;vertical-align:top;overflow-wrap:anywhere}th{background:#eee;font-weight:600}
        code{font-size:.8em;overflow-wrap:anywhere}img{max-width:100%;max-height:24cm;display:block;margin:.3rem 0}.gone{color:#777;font-style:italic}@media print{body{max-width:none;padding:0;font-size:10pt}h2{break-after:avoid}tr,img{break-inside:avoid}a{color:inherit}}
        """;

    /// <summary>Nothing but this style and the pictures in the page itself; it is in nobody's frame.</summary>
    public static string Policy { get; } =
        $"default-src 'none'; style-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Style.ReplaceLineEndings("\n"))))}'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /// <summary>The page of a dossier.</summary>
    public static byte[] Write(byte[] dossier, Rulebook rules)
    {
        JsonElement all = JsonSerializer.Deserialize(dossier, ApiJson.Default.JsonElement);
        JsonElement subject = all.GetProperty("case");
        StringBuilder body = new();
        string id = Value(subject, "id");
        body.Append(CultureInfo.InvariantCulture, $"<h1>案卷 {Text(id)}<span class=\"en\">Dossier of case {Text(id)}</span></h1>");
        WriteCase(body, all, subject, rules);
        WriteDecisions(body, all, rules);
        WriteOrders(body, subject, rules);
        WriteRecord(body, all, rules);
        WriteCopies(body, all, rules);
        WriteRows(body, all, "notices", "告知", "Notices", ["id", "state", "issued", "until", "by"]);
        WriteRows(body, all, "audit", "查阅记录", "Who looked, and who changed what", ["at", "who", "role", "department", "act", "what", "route", "status", "reason"]);
        WriteSeal(body, all);
        return Encoding.UTF8.GetBytes($"<!DOCTYPE html><html lang=\"zh-CN\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><meta name=\"robots\" content=\"noindex\"><title>{Text(id)}</title><style>{Style.ReplaceLineEndings("\n")}</style></head><body>{body}</body></html>");
    }

    private static void WriteCase(StringBuilder body, JsonElement all, JsonElement subject, Rulebook rules)
    {
        Head(body, "案件", "The case");
        body.Append("<table>");
        Row(body, "对象", "Subject", Text($"{Value(subject, "subject")} ({Value(subject, "subjectKind")})"));
        Row(body, "事项", "Matter", Text(Value(subject, "kind")));
        Row(body, "辖区", "District", Both(rules.DistrictName(Value(subject, "district"))));
        Row(body, "主办部门", "Lead", Both(rules.DepartmentName(Value(subject, "lead"))));
        Row(body, "状态", "State", Text($"{Value(subject, "state")} · {Value(subject, "stage")} · {Value(subject, "workflow")}"));
        Row(body, "立案时间", "Opened", Time(Value(subject, "opened"), rules));
        Row(body, "结果", "Outcome", Text(Value(subject, "outcome")));
        if (subject.TryGetProperty("warning", out JsonElement warning))
        {
            JsonElement said = warning.GetProperty("explanation");
            Row(body, "说明", "In words", $"{Text(Value(said, "zh"))}<br><span class=\"en\">{Text(Value(said, "en"))}</span>");
        }

        Row(body, "制作", "Made", Text(Stamp(all.GetProperty("madeMs").GetInt64(), rules)) + " · " + Text(Value(all, "madeBy")));
        body.Append("</table>");
    }

    private static void WriteDecisions(StringBuilder body, JsonElement all, Rulebook rules)
    {
        Head(body, "认定依据", "What was decided, and by what");
        foreach (JsonElement decision in all.GetProperty("decisions").EnumerateArray())
        {
            body.Append("<table>");
            Row(body, "预警", "Warning", Text($"{Value(decision, "warning")} (#{Value(decision, "entry")})"));
            Row(body, "模型", "Model", Text($"{Value(decision, "model")}, rulebook {Value(decision, "rulebook")}"));
            Row(body, "等级、置信度", "Severity, confidence", Text($"{Value(decision, "severity")} · {Value(decision, "confidence")}"));
            Row(body, "限值", "Limit", Text(Value(decision, "limit")));
            Row(body, "法律依据", "Legal source", Text(Value(decision, "legalSource")));
            if (decision.TryGetProperty("figures", out JsonElement figures))
            {
                Row(body, "数值", "Figures", string.Join("<br>", figures.EnumerateObject().Select(figure => $"{Text(figure.Name)} = {Text(figure.Value.GetRawText())}")));
            }

            body.Append("</table>");
        }
    }

    private static void WriteOrders(StringBuilder body, JsonElement subject, Rulebook rules)
    {
        Head(body, "工单", "Work orders");
        body.Append("<table><tr><th>工单<span class=\"en\">Order</span></th><th>部门<span class=\"en\">Department</span></th><th>环节<span class=\"en\">Stage</span></th><th>状态<span class=\"en\">State</span></th><th>下达<span class=\"en\">Issued</span></th><th>期限<span class=\"en\">Due</span></th><th>结果<span class=\"en\">Outcome</span></th></tr>");
        foreach (JsonElement order in subject.TryGetProperty("workOrders", out JsonElement orders) ? orders.EnumerateArray() : default)
        {
            string overdue = order.TryGetProperty("overdue", out JsonElement late) && late.ValueKind == JsonValueKind.True ? " · 逾期 overdue" : "";
            body.Append(CultureInfo.InvariantCulture, $"<tr><td>{Text(Value(order, "id"))}</td><td>{Both(rules.DepartmentName(Value(order, "department")))} · {Text(Value(order, "role"))}</td><td>{Text(Value(order, "stage"))}</td><td>{Text(Value(order, "state") + overdue)}</td><td>{Time(Value(order, "issued"), rules)}</td><td>{Time(Value(order, "deadline"), rules)}</td><td>{Text(Value(order, "outcome"))}</td></tr>");
        }

        body.Append("</table>");
    }

    private static void WriteRecord(StringBuilder body, JsonElement all, Rulebook rules)
    {
        Head(body, "办理记录", "The record");
        body.Append("<table><tr><th>#</th><th>时间<span class=\"en\">At</span></th><th>事项<span class=\"en\">What</span></th><th>经办<span class=\"en\">By</span></th><th>内容<span class=\"en\">Content</span></th><th>哈希<span class=\"en\">Hash</span></th></tr>");
        foreach (JsonElement each in all.GetProperty("record").GetProperty("entries").EnumerateArray())
        {
            JsonElement entry = each.GetProperty("entry");
            body.Append(CultureInfo.InvariantCulture, $"<tr><td>{Text(Value(entry, "number"))}</td><td>{Text(Stamp(entry.GetProperty("atMs").GetInt64(), rules))}</td><td>{Text(Value(entry, "what"))}{(entry.TryGetProperty("workOrder", out JsonElement order) ? $" w{Text(Value(order, "number"))} {Text(Value(order, "department"))}" : "")}</td><td>{Text(Value(entry, "by"))}</td><td>{Content(entry, each)}</td><td><code>{Text(Value(each, "hash"))}</code></td></tr>");
        }

        body.Append("</table>");
    }

    private static string Content(JsonElement entry, JsonElement each)
    {
        List<string> lines = [];
        if (entry.TryGetProperty("note", out JsonElement note))
        {
            lines.Add(Text(note.GetString()!));
        }

        if (each.TryGetProperty("text", out JsonElement text))
        {
            lines.Add(Text(Value(text, "note")));
            lines.AddRange((text.TryGetProperty("evidence", out JsonElement named) ? named.EnumerateArray() : default).Select(item => Text(item.GetString() ?? "")));
        }
        else if (entry.TryGetProperty("textSha256", out JsonElement hash))
        {
            lines.Add($"<span class=\"gone\">内容已删除，哈希保留 · erased, its hash stays</span> <code>{Text(hash.GetString()!)}</code>");
        }

        if (entry.TryGetProperty("item", out JsonElement item))
        {
            lines.Add(Text($"{Value(item, "kind")} {Value(item, "source")} {Value(item, "reading")} {Value(item, "sha256")} {Value(item, "reason")}"));
        }

        if (entry.TryGetProperty("erased", out JsonElement number))
        {
            lines.Add(Text($"#{number.GetRawText()}"));
        }

        return string.Join("<br>", lines.Where(line => line.Length > 0));
    }

    private static void WriteCopies(StringBuilder body, JsonElement all, Rulebook rules)
    {
        Dictionary<string, string> files = all.GetProperty("files").EnumerateArray().ToDictionary(file => Value(file, "sha256"), file => Value(file, "data"), StringComparer.Ordinal);
        Head(body, "留存材料", "Copies that are kept");
        body.Append("<table><tr><th>编号<span class=\"en\">Copy</span></th><th>种类<span class=\"en\">Kind</span></th><th>来源<span class=\"en\">From</span></th><th>状态<span class=\"en\">State</span></th><th>SHA-256</th></tr>");
        foreach (JsonElement copy in all.GetProperty("copies").EnumerateArray())
        {
            string from = $"{Value(copy, "source")} {Value(copy, "reading")} {Value(copy, "topic")} {Value(copy, "url")} {(copy.TryGetProperty("position", out JsonElement at) ? $"@{at.GetRawText()}" : "")}";
            body.Append(CultureInfo.InvariantCulture, $"<tr><td>{Text(Value(copy, "id"))}</td><td>{Text(Value(copy, "kind"))}</td><td>{Text(from.Trim())}<br>{Time(Value(copy, "at"), rules)}</td><td>{Text(Value(copy, "state"))} {Text(Value(copy, "reason"))}</td><td><code>{Text(Value(copy, "sha256"))}</code>");
            string type = Value(copy, "type");
            if (files.TryGetValue(Value(copy, "sha256"), out string? data) && FileTypes.IsPicture(type))
            {
                body.Append(CultureInfo.InvariantCulture, $"<img alt=\"{Text(Value(copy, "id"))}\" src=\"data:{type};base64,{Text(data)}\">");
            }
            else if (type == "application/octet-stream" && data is not null)
            {
                body.Append(CultureInfo.InvariantCulture, $"<br><code>{Text(Encoding.UTF8.GetString(Convert.FromBase64String(data)))}</code>");
            }

            body.Append("</td></tr>");
        }

        body.Append("</table>");
    }

    private static void WriteRows(StringBuilder body, JsonElement all, string name, string zh, string en, string[] columns)
    {
        if (!all.TryGetProperty(name, out JsonElement rows) || rows.GetArrayLength() == 0)
        {
            return;
        }

        Head(body, zh, en);
        body.Append("<table><tr>").AppendJoin("", columns.Select(column => $"<th>{Text(column)}</th>")).Append("</tr>");
        foreach (JsonElement row in rows.EnumerateArray())
        {
            body.Append("<tr>").AppendJoin("", columns.Select(column => $"<td>{Text(Value(row, column))}</td>")).Append("</tr>");
        }

        body.Append("</table>");
    }

    private static void WriteSeal(StringBuilder body, JsonElement all)
    {
        JsonElement record = all.GetProperty("record");
        JsonElement seal = all.GetProperty("seal");
        Head(body, "校验", "Chain and signatures");
        body.Append("<table>");
        Row(body, "记录条数", "Entries", Text(Value(record, "count")));
        Row(body, "链首哈希", "Head of the chain", $"<code>{Text(Value(record, "head"))}</code>");
        Row(body, "链首签名", "Its signature", $"<code>{Text(Value(record, "signature"))}</code> ({Text(Value(record, "key"))})");
        Row(body, "案卷哈希", "Hash of the dossier", $"<code>{Text(Value(seal, "sha256"))}</code>");
        Row(body, "案卷签名", "Its signature", $"<code>{Text(Value(seal, "signature"))}</code> ({Text(Value(seal, "key"))})");
        foreach (JsonElement key in all.GetProperty("keys").EnumerateArray())
        {
            Row(body, "公钥", "Public key", $"{Text(Value(key, "id"))}<br><code>{Text(Value(key, "publicKey"))}</code>");
        }

        body.Append("</table><p>校验以 JSON 案卷为准：streaming verify --dossier FILE。<span class=\"en\">It is the JSON that is checked: streaming verify --dossier FILE.</span></p>");
    }

    private static void Head(StringBuilder body, string zh, string en) => body.Append(CultureInfo.InvariantCulture, $"<h2>{zh}<span class=\"en\">{en}</span></h2>");

    private static void Row(StringBuilder body, string zh, string en, string value) => body.Append(CultureInfo.InvariantCulture, $"<tr><th>{zh}<span class=\"en\">{en}</span></th><td>{(value.Length == 0 ? "—" : value)}</td></tr>");

    private static string Value(JsonElement element, string name) => element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(name, out JsonElement value) ? "" : value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();

    private static string Both(LocalName name) => name.Zh == name.En ? Text(name.Zh) : $"{Text(name.Zh)}<span class=\"en\">{Text(name.En)}</span>";

    private static string Time(string text, Rulebook rules) => DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out DateTimeOffset at) ? Text(Stamp(at.ToUnixTimeMilliseconds(), rules)) : "";

    private static string Stamp(long ms, Rulebook rules) => DateTimeOffset.FromUnixTimeMilliseconds(ms).ToOffset(TimeSpan.FromMinutes(rules.Calendar.UtcOffsetMinutes)).ToString("yyyy-MM-dd HH:mm:ss '(UTC'zzz')'", CultureInfo.InvariantCulture);

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}
