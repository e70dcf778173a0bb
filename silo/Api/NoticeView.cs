using System.Text.Json;
using System.Text.Json.Nodes;
using Streaming.Grains.Messages;
using Streaming.Silo.Notices;

namespace Streaming.Silo.Api;

/// <summary>A notice as the API shows it.</summary>
internal static class NoticeView
{
    /// <summary>A row of the list without what is the deliverer's and the page's; with the link, where the caller may hand it over and it still leads anywhere.</summary>
    /// <param name="links">Null where the caller may not have the link.</param>
    public static byte[] Show(byte[] row, NoticeLinks? links)
    {
        JsonObject shown = JsonNode.Parse(row)!.AsObject();
        shown.Remove("linkSha256");
        shown.Remove("errands");
        NoticeRow notice = JsonSerializer.Deserialize(row, GrainsJson.Default.NoticeRow)!;
        if (links is not null && notice.Open)
        {
            shown["link"] = links.Of(notice.Id, notice.Issued);
        }

        return ApiJson.Write(json => shown.WriteTo(json));
    }
}
