namespace Marketplace.Subsidies.BankStatements;

/// <summary>
/// The file is refused as a whole. An exception although bad files are expected: it is found in the middle of a stream
/// whose consumer must undo what it did so far. The endpoint turns it into a 400.
/// </summary>
/// <param name="line">The line of the file, from 1.</param>
/// <param name="reason">One sentence in English that names the field and its value.</param>
public sealed class StatementFaultException(int line, string reason) : Exception($"Line {line}: {reason}")
{
    /// <summary>The line of the file, from 1.</summary>
    public int Line { get; } = line;

    /// <summary>One sentence in English that names the field and its value.</summary>
    public string Reason { get; } = reason;
}
