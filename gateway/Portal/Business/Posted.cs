using Marketplace.Portal.Layout;
using Microsoft.AspNetCore.Http;

namespace Marketplace.Portal.Business;

/// <summary>Which form of the page was sent. It is shown even where the state has moved on since, so that its answer can be.</summary>
public static class Posted
{
    private const string HandlerField = "_handler";

    /// <summary>True when this request sends the form of that name.</summary>
    public static bool Is(Reader reader, string form) =>
        HttpMethods.IsPost(reader.Context.Request.Method) && reader.Context.Request.HasFormContentType && reader.Context.Request.Form[HandlerField] == form;
}
