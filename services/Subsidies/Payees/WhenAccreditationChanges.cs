using Dapper;
using Marketplace.Events.Accreditation;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Messages;
using Marketplace.Platform.Storage;
using MediatR;

namespace Marketplace.Subsidies.Payees;

/// <summary>
/// An accreditation tells who is paid, and on which account to begin with. A provider may hold several: the newest change
/// names it, the youngest accreditation that has an account gives it. An account that somebody set here stays: an
/// accreditation repeats, at every change, the account of its application, however old.
/// </summary>
public sealed class WhenAccreditationChanges(Session session) : AsyncRequestHandler<Received<AccreditationStatusChanged>>
{
    /// <inheritdoc />
    protected override async Task Handle(Received<AccreditationStatusChanged> request, CancellationToken cancellationToken)
    {
        var fact = request.Fact;
        var iban = fact.Iban is null ? null : Iban.Normalised(fact.Iban);
        var db = await session.OpenAsync(cancellationToken);
        await db.ExecuteAsync(
            """
            insert into payee as p (provider_id, name, siret, iban, iban_accredited_at, accreditation_id, accreditation_version, accreditation_changed_at, version)
            values (@ProviderId, @ProviderName, @siret, @iban, case when @iban is not null then @ValidFrom::timestamptz end, @AccreditationId, @Version, @ChangedAt, 1)
            on conflict (provider_id) do update set
              (name, siret, accreditation_id, accreditation_version, accreditation_changed_at) = (
                select case when newer then excluded.name else p.name end, case when newer then coalesce(excluded.siret, p.siret) else p.siret end,
                  case when newer then excluded.accreditation_id else p.accreditation_id end, case when newer then excluded.accreditation_version else p.accreditation_version end,
                  case when newer then excluded.accreditation_changed_at else p.accreditation_changed_at end
                from (select p.accreditation_id is null or case
                  when p.accreditation_id = excluded.accreditation_id then p.accreditation_version < excluded.accreditation_version
                  else (p.accreditation_changed_at, p.accreditation_id) < (excluded.accreditation_changed_at, excluded.accreditation_id) end as newer) n),
              (iban, iban_accredited_at) = (
                select case when takes then excluded.iban else p.iban end, case when takes then excluded.iban_accredited_at else p.iban_accredited_at end
                from (select excluded.iban is not null and p.iban_set_by is null and (p.iban is null or p.iban_accredited_at <= excluded.iban_accredited_at) as takes) t),
              version = p.version + 1
            """,
            new
            {
                fact.ProviderId,
                fact.ProviderName,
                siret = Beneficiaries.Siret.Parse(fact.Siret),
                iban = iban is not null && Iban.IsValid(iban) ? iban : null,
                fact.ValidFrom,
                fact.AccreditationId,
                fact.Version,
                fact.ChangedAt,
            });
    }
}
