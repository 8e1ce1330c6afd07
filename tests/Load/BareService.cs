using System.Text.Json.Serialization;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Marketplace.Load;

/// <summary>
/// What joining costs with nothing on: no sign-in, no idempotency, no facts; one row per join, folded by 64, one commit
/// per fold. The measure that the real service is compared with.
/// </summary>
internal static class BareService
{
    private const int MostPerFold = 64;

    public static async Task RunAsync(string connection, int port)
    {
        await using var source = NpgsqlDataSource.Create(connection + ";Max Auto Prepare=20;Enlist=false;Maximum Pool Size=5");
        await using (var setup = source.CreateCommand(
            """
            create table if not exists bare_pool (id integer primary key, committed bigint not null);
            create table if not exists bare_join (id uuid primary key, pool integer not null, quantity integer not null);
            insert into bare_pool values (1, 0) on conflict do nothing;
            """))
        {
            await setup.ExecuteNonQueryAsync();
        }

        var waiting = Channel.CreateUnbounded<(int Quantity, TaskCompletionSource Done)>(new UnboundedChannelOptions { SingleReader = true });
        _ = Task.Run(() => WriteAsync(source, waiting.Reader));
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.MapPost("/join", async (BareJoin join) =>
        {
            var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            waiting.Writer.TryWrite((join.Quantity, done));
            await done.Task;
            return Results.StatusCode(201);
        });
        await app.RunAsync($"http://127.0.0.1:{port}");
    }

    private static async Task WriteAsync(NpgsqlDataSource source, ChannelReader<(int Quantity, TaskCompletionSource Done)> waiting)
    {
        var fold = new List<(int Quantity, TaskCompletionSource Done)>();
        while (await waiting.WaitToReadAsync())
        {
            fold.Clear();
            while (fold.Count < MostPerFold && waiting.TryRead(out var join))
            {
                fold.Add(join);
            }

            await using var db = await source.OpenConnectionAsync();
            await using var transaction = await db.BeginTransactionAsync();
            await using var batch = new NpgsqlBatch(db)
            {
                BatchCommands =
                {
                    new NpgsqlBatchCommand("update bare_pool set committed = committed + $1 where id = 1") { Parameters = { new() { Value = fold.Sum(j => (long)j.Quantity) } } },
                    new NpgsqlBatchCommand("insert into bare_join select id, 1, quantity from unnest($1, $2) as j (id, quantity)")
                    {
                        Parameters = { new() { Value = fold.Select(_ => Guid.CreateVersion7()).ToArray() }, new() { Value = fold.Select(j => j.Quantity).ToArray() } },
                    },
                },
            };
            await batch.ExecuteNonQueryAsync();
            await transaction.CommitAsync();
            fold.ForEach(j => j.Done.SetResult());
        }
    }
}

internal sealed record BareJoin([property: JsonPropertyName("quantity")] int Quantity);
