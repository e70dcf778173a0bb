namespace Streaming.Silo.Bench.Reports;

/// <summary>How people speak of one kind of event, in one set of templates. <c>{at}</c> is where, <c>{d}</c> the detail.</summary>
/// <param name="Kind">Kind of event.</param>
/// <param name="Chinese">Templates.</param>
/// <param name="English">Templates.</param>
/// <param name="Details">Details that exclude one another, in both languages; empty where the kind has none.</param>
/// <param name="AnyChinese">In place of the detail, where the reporter does not say it.</param>
/// <param name="AnyEnglish">Likewise.</param>
internal sealed record KindWording(string Kind, string[] Chinese, string[] English, (string Zh, string En)[] Details, string AnyChinese = "", string AnyEnglish = "");

/// <summary>One set of templates: the one that the merging was tuned on, or the one that it is judged by. They share no template.</summary>
/// <param name="Name"><c>building</c> or <c>judged</c>.</param>
/// <param name="Kinds">In the same order in both sets; the details of a kind too.</param>
/// <param name="AtChinese">Where, with a house number: <c>{r}</c> road, <c>{n}</c> number.</param>
/// <param name="AtEnglish">Likewise.</param>
/// <param name="ByChinese">Where, by something near: <c>{r}</c> road, <c>{l}</c> landmark.</param>
/// <param name="ByEnglish">Likewise.</param>
/// <param name="Landmarks">Things that are near, in both languages.</param>
internal sealed record Wording(string Name, KindWording[] Kinds, string[] AtChinese, string[] AtEnglish, string[] ByChinese, string[] ByEnglish, (string Zh, string En)[] Landmarks);
