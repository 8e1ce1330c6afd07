using Marketplace.Platform.Requests;
using Marketplace.Portal;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;

namespace Marketplace.Gateway.Proxy;

/// <summary>Who may not do something is told so by a problem document on the API, and led to the sign-in on a page.</summary>
public sealed class AuthorizationAnswers : IAuthorizationMiddlewareResultHandler
{
    private readonly AuthorizationProblems problems = new();
    private readonly AuthorizationMiddlewareResultHandler pages = new();

    /// <inheritdoc />
    public Task HandleAsync(RequestDelegate next, HttpContext context, AuthorizationPolicy policy, PolicyAuthorizationResult authorizeResult) =>
        PortalSetup.IsPage(context.Request) ? pages.HandleAsync(next, context, policy, authorizeResult) : problems.HandleAsync(next, context, policy, authorizeResult);
}
