using MediatR;

namespace Marketplace.Platform.Messages;

/// <summary>
/// A fact that another service published. Its handler runs in a transaction that also marks the event as received, so
/// a second delivery does nothing. Facts come in any order: compare their version with what is held.
/// </summary>
/// <param name="Fact">The record of <c>services/Events</c>.</param>
public sealed record Received<TFact>(TFact Fact) : IRequest;

/// <summary>
/// Facts of one kind, delivered together (Dapr's bulk subscription), for topics with thousands a second. One
/// transaction for all; when it fails, each is handled alone, so that one bad fact holds nobody back.
/// </summary>
/// <param name="Facts">At least one; none was received before.</param>
public sealed record ReceivedMany<TFact>(IReadOnlyList<TFact> Facts) : IRequest;
