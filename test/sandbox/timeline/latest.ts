/** How much of one kind is kept for an update or an invocation, such as attempts, lines and calls. */
const MAX_PARTS = 200;

/** Adds a part, and forgets the oldest one when there are too many. @returns the forgotten one */
export function pushLatest<T>(parts: T[], part: T): T | undefined {
  parts.push(part);
  return parts.length > MAX_PARTS ? parts.shift() : undefined;
}
