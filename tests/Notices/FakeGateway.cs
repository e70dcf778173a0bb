using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Streaming.Tests.Support;

namespace Streaming.Tests.Notices;

/// <summary>A gateway on loopback that does what the test says: each request is kept, and answered by what <see cref="Answer"/> gives.</summary>
internal sealed class FakeGateway : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stopping = new();
    private readonly ConcurrentQueue<Request> requests = new();
    private readonly SemaphoreSlim arrived = new(0);
    private readonly Task accepting;

    public FakeGateway()
    {
        listener.Start();
        Port = ((IPEndPoint)listener.LocalEndpoint).Port;
        accepting = AcceptAsync();
    }

    public int Port { get; }

    public string Url => $"http://127.0.0.1:{Port}/notices";

    /// <summary>The bytes that answer the request with this number, from 0; null: none ever.</summary>
    public Func<int, Task<string?>> Answer { get; set; } = _ => Task.FromResult<string?>(Status(200));

    public IReadOnlyList<Request> Requests => [.. requests];

    public static string Status(int status, string more = "") => string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 {status} Told\r\nContent-Length: 0\r\n{more}\r\n");

    /// <summary>The next request that was not waited for yet.</summary>
    public async Task<Request> NextAsync()
    {
        if (!await arrived.WaitAsync(Waits.Longest))
        {
            throw new TimeoutException($"No further request; there were {requests.Count}.");
        }

        return requests.ElementAt(waited++);
    }

    private int waited;

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        listener.Stop();
        await accepting;
        stopping.Dispose();
        arrived.Dispose();
    }

    private async Task AcceptAsync()
    {
        List<Task> serving = [];
        try
        {
            while (true)
            {
                serving.Add(ServeAsync(await listener.AcceptTcpClientAsync(stopping.Token)));
            }
        }
        catch (Exception ended) when (ended is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(serving);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                NetworkStream stream = client.GetStream();
                while (await ReadAsync(stream) is { } request)
                {
                    int number = requests.Count;
                    requests.Enqueue(request);
                    arrived.Release();
                    string? answer = await Answer(number).WaitAsync(stopping.Token);
                    if (answer is null)
                    {
                        await Task.Delay(Timeout.Infinite, stopping.Token);
                    }

                    await stream.WriteAsync(Encoding.ASCII.GetBytes(answer!), stopping.Token);
                }
            }
            catch (Exception gone) when (gone is IOException or OperationCanceledException or SocketException)
            {
                // The other end went away, or the test is over.
            }
        }
    }

    private async Task<Request?> ReadAsync(NetworkStream stream)
    {
        StringBuilder head = new();
        byte[] one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            if (await stream.ReadAsync(one, stopping.Token) == 0)
            {
                return null;
            }

            head.Append((char)one[0]);
        }

        string[] lines = head.ToString().Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Dictionary<string, string> headers = new(StringComparer.OrdinalIgnoreCase);
        foreach (string line in lines.Skip(1))
        {
            headers[line[..line.IndexOf(':')]] = line[(line.IndexOf(':') + 1)..].Trim();
        }

        byte[] body = new byte[int.Parse(headers.GetValueOrDefault("Content-Length", "0"), CultureInfo.InvariantCulture)];
        await stream.ReadExactlyAsync(body, stopping.Token);
        return new Request(lines[0], headers, body);
    }

    internal sealed record Request(string Line, IReadOnlyDictionary<string, string> Headers, byte[] Body)
    {
        public string Text => Encoding.UTF8.GetString(Body);

        public string Key => Headers["Idempotency-Key"];
    }
}
