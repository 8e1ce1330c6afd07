namespace Marketplace.PooledOrders.CardReconciliation;

/// <summary>Wiring of the card side's reconciliation.</summary>
public static class CardReconciliationSetup
{
    /// <summary>Registers fetching, judging and the loop that runs them.</summary>
    public static IServiceCollection AddCardReconciliation(this IServiceCollection services)
    {
        services.AddTransient<CardExceptions>();
        services.AddTransient<StoreLines>();
        services.AddTransient<FetchStatement>();
        services.AddTransient<FetchPayouts>();
        services.AddTransient<JudgeStatement>();
        services.AddTransient<StatementRefresh>();
        services.AddHostedService<StatementLoop>();
        return services;
    }
}
