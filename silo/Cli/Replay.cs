using System.Globalization;
using System.Text;
using System.Text.Json;
using Streaming.Ingest;
using Streaming.Ingest.City;
using Streaming.Ingest.Formats;
using Streaming.Ingest.Mqtt.Client;

namespace Streaming.Silo.Cli;

/// <summary><c>replay</c>: publishes a recorded file over MQTT, as a device would, and waits for every acknowledgement.</summary>
internal sealed class Replay(ReplayOptions options, TimeProvider time, TextWriter output, TextWriter error)
{
    private int unreadable;

    /// <summary>0 where everything was accepted, 1 where something was not.</summary>
    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        long began = time.GetTimestamp();
        MqttPublisher? client = null;
        try
        {
            string password = options.Password ?? await RegisterAsync(cancellation).ConfigureAwait(false);
            client = await MqttPublisher.ConnectAsync(options.Host, options.MqttPort, $"replay-{options.Source}", options.Source, password, options: new MqttPublisherOptions { Time = time }, cancellation: cancellation)
                .ConfigureAwait(false);
            await PublishAsync(client, cancellation).ConfigureAwait(false);
            await client.FlushAsync(cancellation).ConfigureAwait(false);
            await client.DisconnectAsync().ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is MqttDisconnectedException or RegistrationException or IOException or UnauthorizedAccessException)
        {
            await error.WriteLineAsync(failure.Message).ConfigureAwait(false);
            if (client is not null)
            {
                await error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{client.Acknowledged} of {client.Published} payloads were answered. Replaying the file again counts nothing twice.")).ConfigureAwait(false);
            }

            return 1;
        }
        finally
        {
            if (client is not null)
            {
                await client.DisposeAsync().ConfigureAwait(false);
            }
        }

        double seconds = time.GetElapsedTime(began).TotalSeconds;
        long accepted = client.Acknowledged - client.RefusedPublishes;
        await output.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"{accepted} accepted, {client.RefusedPublishes} refused, {unreadable} lines unreadable, in {seconds:0.0} s ({accepted / Math.Max(seconds, 0.001):0} a second)")).ConfigureAwait(false);
        if (client.RefusedPublishes > 0)
        {
            await error.WriteLineAsync($"The last refusal: {client.LastReason ?? "no reason was given"}. GET /api/quarantine?source={options.Source} shows what was refused.").ConfigureAwait(false);
        }

        return client.RefusedPublishes == 0 && unreadable == 0 ? 0 : 1;
    }

    private async Task<string> RegisterAsync(CancellationToken cancellation)
    {
        UriBuilder address = new(Uri.UriSchemeHttp, options.Host, options.HttpPort);
        using DeviceRegistrar registrar = new(address.Uri, options.AdminToken!);
        CityDevice device = new(options.Source, "wim", [$"v1/wim/{options.Source}/+", $"v1/video/{options.Source}", $"v1/status/{options.Source}"], options.District, options.AccuracyPct, null, null, null, null);
        return await registrar.RegisterAsync(device, cancellation).ConfigureAwait(false);
    }

    private async Task PublishAsync(MqttPublisher client, CancellationToken cancellation)
    {
        long? firstMs = null;
        long began = time.GetTimestamp();
        foreach ((byte[] topic, ReadOnlyMemory<byte> payload, long? atMs) in Payloads())
        {
            if (options.Speed is { } speed && atMs is { } recorded)
            {
                firstMs ??= recorded;
                TimeSpan due = TimeSpan.FromMilliseconds((recorded - firstMs.Value) / speed);
                TimeSpan left = due - time.GetElapsedTime(began);
                if (left > TimeSpan.Zero)
                {
                    await Task.Delay(left, time, cancellation).ConfigureAwait(false);
                }
            }

            await client.PublishAsync(topic, payload, cancellation: cancellation).ConfigureAwait(false);
        }
    }

    private IEnumerable<(byte[] Topic, ReadOnlyMemory<byte> Payload, long? AtMs)> Payloads() => options.Format == FileFormat.Mon ? MonPayloads() : NativePayloads();

    private IEnumerable<(byte[] Topic, ReadOnlyMemory<byte> Payload, long? AtMs)> MonPayloads()
    {
        TimeSpan shift = options.KeepTimes ? TimeSpan.Zero : WholeDays(MonFile.ShiftToEndAt(options.File, options.UtcOffset, time.GetUtcNow()));
        Dictionary<string, byte[]> topics = [];
        foreach (MonLine line in MonFile.Read(options.File, options.UtcOffset, shift))
        {
            if (line.Error is not null)
            {
                unreadable++;
                error.WriteLine(line.Error);
                continue;
            }

            if (!topics.TryGetValue(line.Lane, out byte[]? topic))
            {
                topic = Encoding.UTF8.GetBytes($"v1/wim/{options.Source}/{line.Lane}");
                topics.Add(line.Lane, topic);
            }

            yield return (topic, line.Payload, line.AtMs);
        }
    }

    /// <summary>Each line with its time of day, and none in the future.</summary>
    private static TimeSpan WholeDays(TimeSpan shift) => TimeSpan.FromDays(Math.Floor(shift.TotalDays));

    private IEnumerable<(byte[] Topic, ReadOnlyMemory<byte> Payload, long? AtMs)> NativePayloads()
    {
        byte[] otherwise = Encoding.UTF8.GetBytes($"v1/wim/{options.Source}/1");
        using StreamReader reader = new(options.File, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true));
        int number = 0;
        while (reader.ReadLine() is { } line)
        {
            number++;
            string text = line.Trim();
            if (text.Length == 0)
            {
                continue;
            }

            int space = text.StartsWith("v1/", StringComparison.Ordinal) ? text.IndexOf(' ', StringComparison.Ordinal) : -1;
            byte[] payload = Encoding.UTF8.GetBytes(space < 0 ? text : text[(space + 1)..]);
            if (payload.Length > IngestLimits.PayloadBytes)
            {
                unreadable++;
                error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"line {number}: {payload.Length} bytes; at most {IngestLimits.PayloadBytes} expected"));
                continue;
            }

            yield return (space < 0 ? otherwise : Encoding.UTF8.GetBytes(text[..space]), payload, options.Speed is null ? null : RecordedMs(payload));
        }
    }

    /// <summary>Time of a payload, or of an array's first element; null where it has none, which then goes out at once.</summary>
    private static long? RecordedMs(byte[] payload)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(payload);
            JsonElement reading = document.RootElement;
            if (reading.ValueKind == JsonValueKind.Array && reading.GetArrayLength() > 0)
            {
                reading = reading[0];
            }

            return reading.ValueKind == JsonValueKind.Object && reading.TryGetProperty("at", out JsonElement at) && at.TryGetDateTimeOffset(out DateTimeOffset recorded)
                ? recorded.ToUnixTimeMilliseconds()
                : null;
        }
        catch (JsonException)
        {
            // Published all the same: what the server makes of it is what a replay is to show.
            return null;
        }
    }
}
