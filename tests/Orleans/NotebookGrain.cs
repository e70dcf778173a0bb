using global::Orleans;
using global::Orleans.Concurrency;
using global::Orleans.Runtime;

namespace Streaming.Tests.Orleans;

/// <summary>A grain with one line of state and one reminder.</summary>
public interface INotebookGrain : IGrainWithStringKey
{
    Task<string> ReadAsync();

    Task WriteAsync(string text);

    Task ClearAsync();

    /// <summary>Whether a record was found in the storage.</summary>
    Task<bool> ExistsAsync();

    /// <summary>Which activation answers.</summary>
    Task<Guid> ActivationAsync();

    Task RemindAsync(string name, TimeSpan period);

    Task<string[]> RemindersAsync();

    Task ForgetAsync(string name);

    /// <summary>Ends when the reminder has fired once more. It interleaves, or the reminder would wait for it.</summary>
    [AlwaysInterleave]
    Task FiredAsync();
}

[GenerateSerializer]
public sealed class Page
{
    [Id(0)]
    public string Text { get; set; } = "";
}

public sealed class NotebookGrain([PersistentState("page", NotebookGrain.Storage)] IPersistentState<Page> page) : Grain, INotebookGrain, IRemindable
{
    public const string Storage = "states";

    private readonly Guid activation = Guid.NewGuid();

    private TaskCompletionSource fired = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<string> ReadAsync() => Task.FromResult(page.State.Text);

    public Task WriteAsync(string text)
    {
        page.State.Text = text;
        return page.WriteStateAsync();
    }

    public Task ClearAsync() => page.ClearStateAsync();

    public Task<bool> ExistsAsync() => Task.FromResult(page.RecordExists);

    public Task<Guid> ActivationAsync() => Task.FromResult(activation);

    public Task RemindAsync(string name, TimeSpan period) => this.RegisterOrUpdateReminder(name, period, period);

    public async Task<string[]> RemindersAsync() => [.. (await this.GetReminders()).Select(reminder => reminder.ReminderName).Order(StringComparer.Ordinal)];

    public async Task ForgetAsync(string name) => await this.UnregisterReminder(await this.GetReminder(name) ?? throw new InvalidOperationException($"There is no reminder {name}."));

    public Task FiredAsync() => fired.Task;

    public Task ReceiveReminder(string reminderName, TickStatus status)
    {
        fired.SetResult();
        fired = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return Task.CompletedTask;
    }
}
