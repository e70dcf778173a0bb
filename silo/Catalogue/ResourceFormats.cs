using Streaming.Grains.Messages;

namespace Streaming.Silo.Catalogue;

/// <summary>What one family of topics carries.</summary>
/// <param name="Topic">The topics, with the levels that vary as <c>{name}</c>.</param>
/// <param name="Format">Name of the payload; <c>ingest/Formats/README.md</c> has its fields.</param>
internal sealed record ResourceFormat(string Topic, string Format)
{
    private static readonly ResourceFormat[] All =
    [
        new("v1/wim/{station}/{lane}", "weigh"),
        new("v1/video/{camera}", "video"),
        new("v1/hazmat/vehicle/{plate}", "truck-telemetry"),
        new("v1/hazmat/plant/{enterprise}/{unit}", "plant-telemetry"),
        new("v1/ledger/{enterprise}", "ledger"),
        new("v1/status/{source}", "status"),
        new("v1/records/{resource}", "records"),
    ];

    /// <summary>The families that a device may publish on; records are those of sources of a register alone.</summary>
    public static IEnumerable<ResourceFormat> Of(SourceRegistration registration) =>
        All.Where(format => (format.Format != "records" || registration.Register is not null) && registration.Topics.Any(filter => Meet(filter.Split('/'), format.Topic.Split('/'))));

    /// <summary>Whether a filter covers any topic of a family.</summary>
    private static bool Meet(string[] filter, string[] topic)
    {
        for (int i = 0; i < filter.Length; i++)
        {
            if (filter[i] == "#")
            {
                return true;
            }

            if (i >= topic.Length || (filter[i] != "+" && !topic[i].StartsWith('{') && filter[i] != topic[i]))
            {
                return false;
            }
        }

        return filter.Length == topic.Length;
    }
}
