import { ValidationError } from './errors.ts';

/**
 * Orders ids so that each comes after those it depends on, and otherwise keeps the given order.
 *
 * @throws ValidationError for a cycle
 */
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
  /** The nodes that must succeed before this one is visited; nodes outside the walk do not count. */
  readonly before: (node: T) => Iterable<T>;
  /** Resolves with whether the visit succeeded. */
  readonly visit: (node: T) => Promise<boolean>;
  /** Whether no visit begins after the first failure. */
  readonly stopsAtFailure: boolean;
}

/**
 * Visits every node as soon as those before it have succeeded, so that independent ones run
 * concurrently. Resolves when no visit is running. Nodes after a failed one are never visited.
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
