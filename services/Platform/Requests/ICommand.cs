using Marketplace.Platform.Answers;
using MediatR;

namespace Marketplace.Platform.Requests;

/// <summary>
/// Changes state. Its handler runs in one transaction with the facts it appends and, when the client sent an
/// <c>Idempotency-Key</c>, with the stored answer; a refusal rolls the change back and is stored as well.
/// </summary>
public interface ICommand : IRequest<Answer>;

/// <summary>A command that answers 400 <c>idempotency-key-required</c> when the client sent no key († in API.md).</summary>
public interface IKeyedCommand : ICommand;

/// <summary>Reads; no transaction.</summary>
public interface IQuery : IRequest<Answer>;

/// <summary>A slice's own routes; every public class that implements it is mapped at start.</summary>
public interface IEndpoint
{
    /// <summary>Adds the routes, with the full public path of API.md.</summary>
    static abstract void Map(Microsoft.AspNetCore.Routing.IEndpointRouteBuilder routes);
}
