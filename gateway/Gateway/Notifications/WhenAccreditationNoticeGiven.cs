using Marketplace.Events.Accreditation;
using Marketplace.Platform.Messages;
using MediatR;

namespace Marketplace.Gateway.Notifications;

/// <summary>Tells providers of what ends soon and carries their accreditation.</summary>
public sealed class WhenAccreditationNoticeGiven(Tell tell) : IRequestHandler<Received<AccreditationNoticeGiven>>
{
    public async Task<Unit> Handle(Received<AccreditationNoticeGiven> request, CancellationToken cancellationToken)
    {
        var fact = request.Fact;
        var data = new NoticeData(Number: fact.Number, Criterion: fact.Criterion, Until: fact.Until);
        await tell.AllAsync(fact.NoticeId, fact.Kind, fact.GivenAt, [new Told(fact.ProviderId, data)], cancellationToken);
        return Unit.Value;
    }
}
