using System.Collections.Immutable;

namespace DcosIsolation.Policy;

/// <summary>What <see cref="PolicyReader.Read"/> made of a policy file. Immutable.</summary>
/// <param name="Policy">The policy, or null if any diagnostic is an error.</param>
/// <param name="Diagnostics">
/// What there is to say, by location: the policy file first, then the subnets files in ordinal order of their paths. Of each severity the
/// first 100 that were found, and then one that counts the others.
/// </param>
/// <param name="ErrorCount">How many errors there are, those included that are only counted.</param>
public sealed record PolicyReadResult(IsolationPolicy? Policy, ImmutableArray<PolicyDiagnostic> Diagnostics, int ErrorCount);
