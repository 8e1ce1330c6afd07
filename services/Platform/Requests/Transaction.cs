using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Messages;
using Marketplace.Platform.Storage;
using MediatR;

namespace Marketplace.Platform.Requests;

/// <summary>
/// One transaction per <see cref="ICommand"/>: state, facts, outbox and the idempotency record commit together or not
/// at all. A refusal undoes the handler's changes (savepoint) but keeps the stored answer.
/// </summary>
public sealed class Transaction<TRequest, TResponse>(Session session, Caller caller, OutboxSignal outbox, IdempotencyStore store) : IPipelineBehavior<TRequest, TResponse>
    where TRequest : IRequest<TResponse>
{
    /// <inheritdoc />
    public async Task<TResponse> Handle(TRequest request, CancellationToken cancellationToken, RequestHandlerDelegate<TResponse> next)
    {
        if (request is not ICommand)
        {
            return await next();
        }

        var key = caller.IdempotencyKey;
        if (IdempotencyStore.Refuses(key, required: request is IKeyedCommand) is { } refusal)
        {
            return (TResponse)(object)(Answer)refusal;
        }

        await session.BeginAsync(cancellationToken);
        if (key is not null && await store.ClaimAsync(key, Hash(request), cancellationToken) is { } first)
        {
            await session.RollbackAsync();
            return (TResponse)(object)first;
        }

        await session.SavepointAsync(cancellationToken);
        var answer = (Answer)(object)(await next())!;
        if (answer.Refused)
        {
            if (key is null)
            {
                await session.RollbackAsync();
                return (TResponse)(object)answer;
            }

            await session.RollbackToSavepointAsync(cancellationToken);
        }

        if (key is not null)
        {
            await store.KeepAsync(key, answer, cancellationToken);
        }

        await session.CommitAsync(cancellationToken);
        outbox.Wake();
        return (TResponse)(object)answer;
    }

    private static byte[] Hash(TRequest request) =>
        SHA256.HashData(Encoding.UTF8.GetBytes(typeof(TRequest).FullName + JsonSerializer.Serialize(request, request!.GetType(), Json.Options)));
}
