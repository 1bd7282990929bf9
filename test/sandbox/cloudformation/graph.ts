import { ValidationError } from './errors.ts';

/** Each id behind all that it depends on, otherwise in the order given. A cycle is an error. */
export function topologicalOrder(
  ids: readonly string[],
  dependenciesOf: (id: string) => Iterable<string>,
): string[] {
  const known = new Set(ids);
  const ordered = new Set<string>();
  const open: string[] = [];
  const visit = (id: string): void => {
    if (ordered.has(id)) return;
    if (open.includes(id)) {
      const cycle = open.slice(open.indexOf(id)).join(', ');
      throw new ValidationError(`Circular dependency between resources: [${cycle}]`);
    }
    open.push(id);
    for (const dependency of dependenciesOf(id)) if (known.has(dependency)) visit(dependency);
    open.pop();
    ordered.add(id);
  };
  for (const id of ids) visit(id);
  return [...ordered];
}

export interface Walk<T> {
  readonly nodes: readonly T[];
  /** What must have succeeded before a node's turn; nodes outside the walk do not count. */
  readonly before: (node: T) => Iterable<T>;
  /** Resolves with whether it succeeded. */
  readonly visit: (node: T) => Promise<boolean>;
  /** Whether the first failure keeps everything that has not begun from beginning. */
  readonly stopsAtFailure: boolean;
}

/**
 * Visits every node as soon as those before it have succeeded, so that independent ones run side by
 * side. Resolves when nothing runs any more; what stands behind a failed node is never visited.
 */
export function walk<T>({ nodes, before, visit, stopsAtFailure }: Walk<T>): Promise<void> {
  const waiting = new Set(nodes);
  const unfinished = new Set(nodes);
  let running = 0;
  let stopped = false;

  return new Promise((resolve, reject) => {
    const isReady = (node: T): boolean => {
      for (const other of before(node)) if (unfinished.has(other)) return false;
      return true;
    };
    const settle = (node: T, succeeded: boolean): void => {
      running -= 1;
      if (succeeded) unfinished.delete(node);
      else if (stopsAtFailure) stopped = true;
      advance();
    };
    const advance = (): void => {
      for (const node of stopped ? [] : [...waiting]) {
        if (!isReady(node)) continue;
        waiting.delete(node);
        running += 1;
        visit(node).then((succeeded) => settle(node, succeeded), reject);
      }
      if (running === 0) resolve();
    };
    advance();
  });
}
