/**
 * Returns the ids of the messages that a function reports as failed, as Lambda reads the report: an
 * empty report means that all messages succeeded, and an invalid one that all of them failed.
 *
 * @param payload the function's answer, as JSON
 * @param all the ids of the batch
 */
export function failedItems(payload: string, all: ReadonlySet<string>): Set<string> {
  const answer: unknown = JSON.parse(payload);
  if (answer === null || answer === '') return new Set();
  if (typeof answer !== 'object') return new Set(all);
  const { batchItemFailures = [] } = answer as { batchItemFailures?: unknown };
  if (batchItemFailures === null) return new Set();
  if (!Array.isArray(batchItemFailures)) return new Set(all);
  const ids = batchItemFailures.map((failure) => failure?.itemIdentifier);
  return new Set(ids.every((id) => all.has(id)) ? ids : all);
}
