using Npgsql;

namespace Marketplace.Platform.Storage;

/// <summary>The one database connection of a request or message, opened when first asked for; Dapper does the rest.</summary>
public sealed class Session(NpgsqlDataSource source) : IAsyncDisposable
{
    private const string Savepoint = "handler";
    private NpgsqlConnection? connection;
    private NpgsqlTransaction? transaction;

    /// <summary>The open connection; inside a command it is in the command's transaction.</summary>
    public async ValueTask<NpgsqlConnection> OpenAsync(CancellationToken ct = default) => connection ??= await source.OpenConnectionAsync(ct);

    /// <summary>Begins the transaction that <see cref="CommitAsync"/> or <see cref="RollbackAsync"/> ends.</summary>
    /// <exception cref="InvalidOperationException">One is under way already.</exception>
    public async Task BeginAsync(CancellationToken ct)
    {
        if (transaction is not null)
        {
            throw new InvalidOperationException("The session is in a transaction already.");
        }

        transaction = await (await OpenAsync(ct)).BeginTransactionAsync(ct);
    }

    /// <summary>Marks where a refused command is rolled back to.</summary>
    public Task SavepointAsync(CancellationToken ct) => transaction!.SaveAsync(Savepoint, ct);

    /// <summary>Undoes what was done since <see cref="SavepointAsync"/>.</summary>
    public Task RollbackToSavepointAsync(CancellationToken ct) => transaction!.RollbackAsync(Savepoint, ct);

    /// <summary>Makes it durable.</summary>
    public async Task CommitAsync(CancellationToken ct)
    {
        await transaction!.CommitAsync(ct);
        await transaction.DisposeAsync();
        transaction = null;
    }

    /// <summary>Undoes all.</summary>
    public async Task RollbackAsync()
    {
        if (transaction is not null)
        {
            await transaction.DisposeAsync();
            transaction = null;
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await RollbackAsync();
        if (connection is not null)
        {
            await connection.DisposeAsync();
        }
    }
}
