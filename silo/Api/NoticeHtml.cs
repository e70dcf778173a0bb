using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Streaming.Grains;
using Streaming.Grains.Messages;
using Streaming.Grains.Rules;

namespace Streaming.Silo.Api;

/// <summary>A sentence in both languages of the page.</summary>
internal sealed record BothWays(string Zh, string En);

/// <summary>The pages of a notice as HTML: Chinese first, English beside it. Everything that comes from a record is encoded; nothing is loaded, and no script runs.</summary>
internal static class NoticeHtml
{
    private const string Style = """
        :root{color-scheme:light dark}*{box-sizing:border-box}body{margin:0;font:17px/1.55 system-ui,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif;background:#eef1f4;color:#1b2430}
        main{max-width:42rem;margin:0 auto;padding:1rem}article{background:#fff;border-radius:.6rem;padding:1.1rem 1.2rem;box-shadow:0 1px 3px #0003}h1{font-size:1.35rem;margin:.1rem 0 .6rem}h2{font-size:1.05rem;margin:1.3rem 0 .4rem}
        .en{color:#55606e;font-size:.92em;display:block}.asked{border-left:.3rem solid #b3261e;padding:.3rem .8rem;margin:.8rem 0;background:#fdf3f2;overflow-wrap:anywhere;white-space:pre-wrap}dl{display:grid;grid-template-columns:minmax(6.5rem,auto) 1fr;gap:.35rem .9rem;margin:0}
        dt{color:#55606e}dd{margin:0;overflow-wrap:anywhere}label{display:block;margin:.9rem 0 .3rem}textarea{width:100%;min-height:6rem;font:inherit;padding:.5rem;border:1px solid #9aa5b1;border-radius:.4rem;background:inherit;color:inherit}
        input[type=file]{font:inherit;width:100%}button{font:inherit;font-weight:600;margin-top:1.1rem;width:100%;min-height:3rem;border:0;border-radius:.5rem;background:#0b57d0;color:#fff}.wrong{border:2px solid #b3261e;border-radius:.4rem;padding:.5rem .8rem;margin:.8rem 0}
        footer{color:#55606e;font-size:.85em;padding:.8rem .2rem}@media (prefers-color-scheme:dark){body{background:#11161c;color:#e7ebf0}article{background:#1b222b}.en,dt,footer{color:#a7b1bd}.asked{background:#2d1f1f}}
        """;

    /// <summary>Nothing but this style and this form; the page is in nobody's frame.</summary>
    public static string Policy { get; } =
        $"default-src 'none'; style-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Style.ReplaceLineEndings("\n"))))}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    public static BothWays Busy { get; } = new("系统繁忙，您的回复尚未提交，请稍后再试。", "The system is busy and has not taken your answer yet; please try again in a minute.");

    public static BothWays NotUnderstood { get; } = new("未能识别提交的内容，请从本页面重新提交。", "What was sent could not be read; please send it from this page.");

    public static BothWays TooLarge { get; } = new("图片过大，最大 5 MiB。", "The picture is too large; at most 5 MiB.");

    public static BothWays OtherType { get; } = new("仅支持 JPEG 或 PNG 图片。", "A picture has to be JPEG or PNG.");

    public static BothWays OnePicture { get; } = new("请只附一张图片。", "Please attach one picture only.");

    public static BothWays NoteTooLong { get; } = new("说明过长或含有无法保存的字符，最多 1000 字。", "The note is too long, at most 1000 characters, or has characters that cannot be kept.");

    public static BothWays NoRoom { get; } = new("暂时无法保存图片，请不附图片提交，或稍后再试。", "Pictures cannot be kept at present; answer without one, or try again later.");

    /// <summary>For a link that leads to nothing, whether it never did or does not any more.</summary>
    public static string Over { get; } = Page("链接无效或已结束", "<h1>链接无效或已结束<span class=\"en\">This link is not valid, or it is over</span></h1><p>该告知可能已回复、已到期或已撤回。如有疑问，请联系发出告知的部门。<span class=\"en\">The notice may have been answered, have run out, or have been withdrawn. With questions, turn to the department that sent it.</span></p>");

    /// <summary>The notice with its form.</summary>
    /// <param name="wrong">What kept an answer from being taken; null where there was none.</param>
    public static string Notice(NoticeRow notice, Rulebook rules, BothWays? wrong)
    {
        StringBuilder body = new();
        LocalName department = rules.DepartmentName(notice.Department);
        body.Append(CultureInfo.InvariantCulture, $"<h1>{Text(department.Zh)}告知书<span class=\"en\">Notice of {Text(department.En)}</span></h1>");
        Wrong(body, wrong);
        Sentence(body, notice.Warning.Explanation, "p", "");
        if (notice.Text is { } asked)
        {
            Sentence(body, asked, "div", " class=\"asked\"");
        }

        Facts(body, notice, rules);
        body.Append(CultureInfo.InvariantCulture, $"""
            <h2>回复：已整改<span class="en">Answer: it has been corrected</span></h2>
            <form method="post" enctype="multipart/form-data">
            <label for="note">说明（可选，最多 {GrainLimits.NoteChars} 字）<span class="en">Note, if you like</span></label><textarea id="note" name="note" maxlength="{GrainLimits.NoteChars}"></textarea>
            <label for="picture">图片（可选，JPEG 或 PNG，最大 5 MiB）<span class="en">One picture, if you like: JPEG or PNG, at most 5 MiB</span></label><input id="picture" name="picture" type="file" accept="image/jpeg,image/png">
            <button type="submit">提交：已整改 · Send: corrected</button></form>
            """);
        return Page("告知书", body.ToString(), "此链接仅供您本人使用，提交一次后失效。请勿转发。", "This link is yours alone and ends with your answer. Do not pass it on.");
    }

    /// <summary>After the answer: who has what now.</summary>
    public static string Thanks(NoticeRow notice, Rulebook rules, NoticeAnswered answer)
    {
        LocalName department = rules.DepartmentName(notice.Department);
        StringBuilder body = new();
        body.Append("<h1>回复已收到<span class=\"en\">Your answer has been received</span></h1>");
        body.Append(CultureInfo.InvariantCulture, $"<p>{Text(department.Zh)}已收到以下内容，由其核实后决定。<span class=\"en\">{Text(department.En)} has the following, and decides after it has looked at the matter.</span></p><dl>");
        Row(body, "编号", "Reference", Text(notice.Id));
        Row(body, "回复", "Answer", "已整改 · corrected");
        Row(body, "说明", "Note", answer.Note is null ? "—" : Text(answer.Note));
        Row(body, "图片", "Picture", answer.PictureSha256 is null ? "—" : $"SHA-256 {Text(answer.PictureSha256)}");
        body.Append("</dl>");
        return Page("回复已收到", body.ToString(), "可截屏保存此页；链接已失效。", "Keep a picture of this page if you like; the link has ended.");
    }

    private static void Facts(StringBuilder body, NoticeRow notice, Rulebook rules)
    {
        Warning warning = notice.Warning;
        LocalName district = rules.DistrictName(notice.District);
        body.Append("<h2>依据<span class=\"en\">What it rests on</span></h2><dl>");
        Row(body, "编号", "Reference", Text(notice.Id));
        Row(body, "对象", "Subject", Text(notice.Subject));
        Row(body, "事项", "Matter", Text(notice.Kind));
        Row(body, "时间", "Time", Time(warning.Since, rules));
        Row(body, "地点", "Place", $"{Text(district.Zh)} · {Text(district.En)}{(warning.Evidence.Readings is [.., { } last] ? $" · {Text(last.Source)}" : "")}");
        foreach ((string name, double figure) in warning.Evidence.Figures)
        {
            Row(body, Text(name), null, Text(figure.ToString("#,0.###", CultureInfo.InvariantCulture)));
        }

        if (warning.Evidence.Limit is { } limit)
        {
            Row(body, "限值", "Limit", Text(limit));
        }

        if (warning.Evidence.LegalSource is { } source)
        {
            Row(body, "法律依据", "Legal source", Text(source));
        }

        if (Array.FindLast(warning.Evidence.Readings, reading => reading.ImageSha256 is not null)?.ImageSha256 is { } image)
        {
            Row(body, "现场照片", "Picture of it", $"SHA-256 {Text(image)}");
        }

        Row(body, "回复截止", "Answer until", Time(notice.Until, rules));
        body.Append("</dl>");
    }

    private static void Wrong(StringBuilder body, BothWays? wrong)
    {
        if (wrong is not null)
        {
            body.Append(CultureInfo.InvariantCulture, $"<p class=\"wrong\" role=\"alert\">{wrong.Zh}<span class=\"en\">{wrong.En}</span></p>");
        }
    }

    /// <summary>In both languages; once where both say the same, as what a person wrote does.</summary>
    private static void Sentence(StringBuilder body, Explanation text, string element, string attributes)
    {
        string english = text.En == text.Zh ? "" : $"<span class=\"en\" lang=\"en\">{Text(text.En)}</span>";
        body.Append(CultureInfo.InvariantCulture, $"<{element}{attributes}>{Text(text.Zh)}{english}</{element}>");
    }

    private static void Row(StringBuilder body, string zh, string? en, string value)
    {
        string english = en is null ? "" : $"<span class=\"en\">{en}</span>";
        body.Append(CultureInfo.InvariantCulture, $"<dt>{zh}{english}</dt><dd>{value}</dd>");
    }

    /// <summary>By the clock of the city, which is said with it.</summary>
    private static string Time(DateTimeOffset at, Rulebook rules) =>
        $"<time datetime=\"{at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)}\">{at.ToOffset(TimeSpan.FromMinutes(rules.Calendar.UtcOffsetMinutes)).ToString("yyyy-MM-dd HH:mm '(UTC'zzz')'", CultureInfo.InvariantCulture)}</time>";

    private static string Text(string text) => WebUtility.HtmlEncode(text);

    private static string Page(string title, string body, string footZh = "", string footEn = "") => $"""
        <!DOCTYPE html><html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><meta name="robots" content="noindex"><title>{title}</title><style>{Style.ReplaceLineEndings("\n")}</style></head>
        <body><main><article>{body}</article><footer>{footZh}<span class="en">{footEn}</span></footer></main></body></html>
        """;
}
