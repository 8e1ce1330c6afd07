// Each journey runs a whole marketplace; two at a time would only take turns on a small machine.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
