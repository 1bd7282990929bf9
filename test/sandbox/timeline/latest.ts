/** How much of one kind is kept for an update or an invocation, such as attempts, lines and calls. */
const MAX_PARTS = 200;

/** Adds a part, and forgets the oldest one when there are too many. */
export function pushLatest<T>(parts: T[], part: T): void {
  parts.push(part);
  if (parts.length > MAX_PARTS) parts.shift();
}
