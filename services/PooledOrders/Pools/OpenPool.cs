using System.Text.Json;
using Dapper;
using FluentValidation;
using Marketplace.Events.Catalog;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Facts;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Messages;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using MediatR;
using Microsoft.AspNetCore.Mvc;
using Npgsql;

namespace Marketplace.PooledOrders.Pools;

/// <summary><c>POST /api/pools</c>: the buyer offers one version of a listed pack to a territory (DOMAIN §2).</summary>
public sealed class OpenPool : IEndpoint
{
    /// <summary>The request body; <c>opensAt</c> is now and <c>minQuantity</c> the first tier's unless given.</summary>
    public sealed record Body(Guid? PackId, string? Title, DateTime? OpensAt, DateTime? ClosesAt, int? MinQuantity, int? MaxQuantity, string[]? Territories, Guid[]? ProgrammeIds);

    public sealed record Command(Body? Body) : ICommand;

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPost("/api/pools", ([FromBody] Body? body, IMediator mediator, CancellationToken ct) => mediator.Send(new Command(body), ct))
        .RequireRole(Roles.Buyer).Produces<PoolView>(201).WithTags("Pools").WithSummary("Open a pool on a listed pack");

    public sealed class Validator : AbstractValidator<Command>
    {
        public Validator()
        {
            RuleFor(c => c.Body).NotNull();
            When(c => c.Body is not null, () =>
            {
                RuleFor(c => c.Body!.PackId).NotEmpty();
                RuleFor(c => c.Body!.Title).NotEmpty().MaximumLength(200);
                RuleFor(c => c.Body!.ClosesAt).NotNull();
                RuleFor(c => c.Body!.MinQuantity).InclusiveBetween(1, 1_000_000);
                RuleFor(c => c.Body!.MaxQuantity).NotNull().InclusiveBetween(1, 1_000_000);
                RuleFor(c => c.Body!.Territories).NotEmpty().Must(t => t is null || t.Length <= 101 && t.Distinct().Count() == t.Length).WithMessage("At most 101 territories, each once.");
                RuleForEach(c => c.Body!.Territories).NotEmpty().MaximumLength(3);
                RuleFor(c => c.Body!.ProgrammeIds).Must(p => p is null || p.Length <= 20 && p.Distinct().Count() == p.Length).WithMessage("At most 20 programmes, each once.");
            });
        }
    }

    public sealed class Handler(Session session, FactLog facts, TimeProvider clock) : IRequestHandler<Command, Answer>
    {
        public async Task<Answer> Handle(Command request, CancellationToken cancellationToken)
        {
            var body = request.Body!;
            var db = await session.OpenAsync(cancellationToken);
            var now = clock.GetUtcNow().UtcDateTime;
            var pack = await Arrival.OfAsync(() => ListedPackAsync(db, body.PackId!.Value), cancellationToken);
            if (pack is null)
            {
                return await KnownAsync(db, body.PackId!.Value)
                    ? Problem.Conflict("pack-not-listed", "The pack is not listed.", "Only a listed pack can be offered to a pool.")
                    : Problem.Invalid("packId", "There is no such pack.");
            }

            var programmeIds = body.ProgrammeIds ?? [];
            var programmesKnown = await Arrival.OfAsync(() => AllKnownAsync(db, programmeIds), cancellationToken) is not null;
            var pool = Terms(body, pack, now);
            if (Refusal(pool, pack, now, programmesKnown) is { Count: > 0 } errors)
            {
                return Problem.Invalid(errors);
            }

            if (await Arrival.OfAsync(() => AccreditedAsync(db, pack), cancellationToken) is null)
            {
                return Problem.Conflict("not-accredited", "The provider's accreditation does not cover this pack.");
            }

            var id = Guid.CreateVersion7(clock.GetUtcNow());
            await db.ExecuteAsync(
                """
                insert into pool (id, pack_id, pack_version, title, status, opens_at, closes_at, min_quantity, max_quantity, territories, programme_ids, version)
                values (@id, @PackId, @PackVersion, @Title, @status, @OpensAt, @ClosesAt, @MinQuantity, @MaxQuantity, @Territories, @programmeIds, 1)
                """,
                new { id, pack.PackId, pack.PackVersion, pool.Title, status = pool.OpensAt <= now ? PoolStatus.Open : PoolStatus.Scheduled, pool.OpensAt, pool.ClosesAt, pool.MinQuantity, pool.MaxQuantity, pool.Territories, programmeIds });
            await facts.AppendAsync(id, 1, new PoolScheduled(id, pack.PackId, pack.PackVersion, pool.OpensAt, pool.ClosesAt, pool.MinQuantity, pool.MaxQuantity, pool.Territories, programmeIds), cancellationToken);
            if (pool.OpensAt <= now)
            {
                await facts.AppendAsync(id, 1, new PoolOpened(id), cancellationToken);
            }

            var row = await PoolRow.FindAsync(db, id);
            return Answer.Created($"/api/pools/{id}", PoolView.Of(row!), 1);
        }

        private sealed record Requested(string Title, DateTime OpensAt, DateTime ClosesAt, int MinQuantity, int MaxQuantity, string[] Territories);

        private static Requested Terms(Body body, Pack pack, DateTime now) =>
            new(body.Title!.Trim(), body.OpensAt ?? now, body.ClosesAt!.Value, body.MinQuantity ?? pack.Tiers[0].MinQuantity, body.MaxQuantity!.Value, body.Territories!);

        private static Dictionary<string, string[]> Refusal(Requested pool, Pack pack, DateTime now, bool programmesKnown)
        {
            var errors = new Dictionary<string, string[]>();
            void Check(bool fine, string field, string message)
            {
                if (!fine)
                {
                    errors[field] = [.. errors.GetValueOrDefault(field, []), message];
                }
            }

            Check(pool.ClosesAt > now, "closesAt", "The deadline has passed already.");
            Check(pool.ClosesAt > pool.OpensAt, "closesAt", "The deadline must come after the opening.");
            Check(pool.MinQuantity >= pack.Tiers[0].MinQuantity, "minQuantity", $"The minimum cannot be below the first tier's {pack.Tiers[0].MinQuantity}.");
            Check(pool.MaxQuantity >= pool.MinQuantity, "maxQuantity", "The maximum cannot be below the minimum.");
            Check(pool.MaxQuantity <= pack.Capacity, "maxQuantity", $"The provider's capacity is {pack.Capacity}.");
            Check(pool.Territories.All(pack.Territories.Contains), "territories", $"The pack serves only {string.Join(", ", pack.Territories)}.");
            Check(programmesKnown, "programmeIds", "There is no such programme.");
            return errors;
        }

        private sealed record Pack(Guid PackId, int PackVersion, Guid ProviderId, string Category, string[] Territories, int Capacity, string TiersJson)
        {
            public PriceTier[] Tiers { get; } = JsonSerializer.Deserialize<PriceTier[]>(TiersJson, Json.Options)!;
        }

        private static Task<Pack?> ListedPackAsync(NpgsqlConnection db, Guid packId) => db.QueryFirstOrDefaultAsync<Pack>(
            """
            select v.pack_id, v.pack_version, v.provider_id, v.category, v.territories, v.capacity, v.tiers::text as tiers_json
            from pack p join pack_version v on v.pack_id = p.id
            where p.id = @packId and p.listed
            order by v.pack_version desc limit 1
            """, new { packId });

        private static Task<bool> KnownAsync(NpgsqlConnection db, Guid packId) =>
            db.ExecuteScalarAsync<bool>("select exists (select from pack where id = @packId)", new { packId });

        private static async Task<object?> AllKnownAsync(NpgsqlConnection db, Guid[] programmeIds) =>
            await db.ExecuteScalarAsync<int>("select count(*)::int from programme where id = any(@programmeIds)", new { programmeIds }) == programmeIds.Length ? programmeIds : null;

        private static async Task<object?> AccreditedAsync(NpgsqlConnection db, Pack pack) =>
            await db.ExecuteScalarAsync<bool>(
                "select exists (select from accreditation where provider_id = @ProviderId and status = 'active' and @Category = any(categories) and @Territories <@ territories)",
                new { pack.ProviderId, pack.Category, pack.Territories }) ? pack : null;
    }
}
