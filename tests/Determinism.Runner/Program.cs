using System.Globalization;
using Streaming.Determinism;
using Streaming.Models.Encoding;

// Usage: Streaming.Determinism.Runner CULTURE. Writes to standard output, for every script in order, its name and its transcript,
// each behind its length. Whoever started it compares.
CultureInfo culture = (CultureInfo)CultureInfo.GetCultureInfo(args.Length > 0 ? args[0] : "").Clone();

// Where the machine has no culture data, at least the signs that matter most differ from the invariant ones.
culture.NumberFormat.NumberDecimalSeparator = ",";
culture.NumberFormat.NumberGroupSeparator = "'";
culture.NumberFormat.NegativeSign = "~";
CultureInfo.CurrentCulture = culture;
CultureInfo.CurrentUICulture = culture;
CultureInfo.DefaultThreadCurrentCulture = culture;
CultureInfo.DefaultThreadCurrentUICulture = culture;

ByteWriter writer = new(1024 * 1024);
writer.WriteText($"{1.5} {TimeZoneInfo.Local.GetUtcOffset(DateTimeOffset.UnixEpoch).TotalMinutes}");
foreach (ActorScript script in ActorScripts.All)
{
    writer.WriteText(script.Name);
    writer.WriteBytes(script.Run(reload: false));
}

using Stream output = Console.OpenStandardOutput();
output.Write(writer.Written);
