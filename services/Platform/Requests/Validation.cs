using System.Text.Json;
using FluentValidation;
using FluentValidation.Results;
using Marketplace.Platform.Answers;
using MediatR;

namespace Marketplace.Platform.Requests;

/// <summary>Runs the request's validator, if it has one, and answers 400 <c>invalid-input</c> with every failing field.</summary>
public sealed class Validation<TRequest, TResponse>(IEnumerable<IValidator<TRequest>> validators) : IPipelineBehavior<TRequest, TResponse>
    where TRequest : IRequest<TResponse>
{
    /// <inheritdoc />
    public async Task<TResponse> Handle(TRequest request, CancellationToken cancellationToken, RequestHandlerDelegate<TResponse> next)
    {
        foreach (var validator in validators)
        {
            var result = await validator.ValidateAsync(request, cancellationToken);
            if (!result.IsValid)
            {
                return (TResponse)(object)(Answer)Problem.Invalid(Errors(result));
            }
        }

        return await next();
    }

    private static Dictionary<string, string[]> Errors(ValidationResult result) => result.Errors
        .GroupBy(e => FieldPath(e.PropertyName))
        .ToDictionary(g => g.Key, g => g.Select(e => e.ErrorMessage).Distinct().ToArray());

    /// <summary>The path as the client wrote it: <c>tiers[0].minQuantity</c>; the <c>Body</c> that wraps it in the command is ours.</summary>
    private static string FieldPath(string property)
    {
        var names = property.Split('.').Select(JsonNamingPolicy.CamelCase.ConvertName).ToList();
        return string.Join('.', names is ["body", _, ..] ? names.Skip(1) : names);
    }
}
