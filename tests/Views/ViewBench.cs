using Microsoft.Extensions.Logging.Abstractions;
using Streaming.Silo.Access;
using Streaming.Silo.Maps;
using Streaming.Silo.Views;

namespace Streaming.Tests.Views;

/// <summary>The lists with all their parts over a directory of their own. <see cref="Restart"/> does what a new process does.</summary>
internal sealed class ViewBench : IDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("streaming-views-").FullName;
    private readonly string? administrator;

    public ViewBench(string? administrator = null, TimeProvider? time = null)
    {
        this.administrator = administrator;
        Time = time ?? new ManualTime();
        Start();
    }

    public TimeProvider Time { get; }

    public RecordSource Journal { get; set; } = new();

    public SqliteViewStore Store { get; private set; } = null!;

    public AccessBook Access { get; private set; } = null!;

    public FeedBook Feeds { get; private set; } = null!;

    public ViewPosition Position { get; private set; } = null!;

    public Traffic Traffic { get; private set; } = null!;

    public PlateBook Plates { get; private set; } = null!;

    public Projector Projector { get; private set; } = null!;

    public string Path => System.IO.Path.Combine(directory, "views.db");

    /// <summary>Applies everything that there is.</summary>
    public void Run()
    {
        while (Projector.Step())
        {
        }
    }

    public void Restart(long? readFrom = null)
    {
        Stop();
        Start(readFrom);
    }

    public void Dispose()
    {
        Stop();
        Directory.Delete(directory, true);
    }

    private void Start(long? readFrom = null)
    {
        Store = new SqliteViewStore(Path);
        Access = new AccessBook(administrator, passwordRounds: 1000, time: Time);
        Access.Load(Store.Reader);
        Feeds = new FeedBook(Store.Reader, NullLogger<FeedBook>.Instance);
        Position = new ViewPosition();
        Traffic = new Traffic(Time);
        Plates = new PlateBook(Store.Reader);
        Projector = new Projector(Store, Journal.Follow(readFrom ?? Store.Position + 1), Access, Feeds, Position, Time, NullLogger<Projector>.Instance, traffic: Traffic, plates: Plates);
    }

    private void Stop()
    {
        Projector.Dispose();
        Access.Dispose();
        Store.Dispose();
    }
}
