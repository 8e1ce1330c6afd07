using Marketplace.Platform.Answers;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using MediatR;

namespace Marketplace.Subsidies.Beneficiaries;

/// <summary>A business reads what it declared and what de minimis aid would still fit; finance staff read everyone's.</summary>
public sealed class ReadBeneficiary : IEndpoint
{
    /// <inheritdoc />
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("/api/subsidies/beneficiaries/{siren}", (string siren, IMediator mediator, CancellationToken ct) => mediator.Send(new Query(siren), ct))
        .RequireRole(Roles.Business, Roles.Finance);

    /// <summary>The query.</summary>
    public sealed record Query(string Siren) : IQuery;

    /// <summary>Reads.</summary>
    public sealed class Handler(Session session, Caller caller, TimeProvider clock) : IRequestHandler<Query, Answer>
    {
        /// <inheritdoc />
        public async Task<Answer> Handle(Query request, CancellationToken cancellationToken)
        {
            if (Siren.Parse(request.Siren) is not { } siren || !Beneficiary.IsKnownTo(caller, siren))
            {
                return Problem.NotFound("beneficiary");
            }

            var beneficiary = await Beneficiary.ReadAsync(await session.OpenAsync(cancellationToken), siren, clock.GetUtcNow().UtcDateTime);
            return Answer.Ok(beneficiary, beneficiary.Version);
        }
    }
}
