import { describe, expect, it } from 'vitest';
import { topologicalOrder, walk } from './graph.ts';

describe('the order of a graph', () => {
  it('puts each behind what it depends on, and keeps the given order otherwise', () => {
    const dependencies: Record<string, string[]> = { a: ['c', 'unknown'], b: [], c: ['d'], d: [] };
    expect(topologicalOrder(['a', 'b', 'c', 'd'], (id) => dependencies[id] ?? [])).toEqual([
      'd',
      'c',
      'a',
      'b',
    ]);
  });

  it('does not exist when the graph has a circle', () => {
    const next: Record<string, string> = { a: 'b', b: 'c', c: 'b' };
    expect(() => topologicalOrder(['a', 'b', 'c'], (id) => [next[id] as string])).toThrow('[b, c]');
  });
});

describe('a walk', () => {
  const run = async (stopsAtFailure: boolean) => {
    const visited: string[] = [];
    const before: Record<string, string[]> = { next: ['good'], behind: ['bad'] };
    await walk({
      nodes: ['bad', 'good', 'next', 'behind'],
      before: (node) => before[node] ?? [],
      async visit(node) {
        visited.push(node);
        if (node === 'good') await new Promise((resolve) => setImmediate(resolve));
        return node !== 'bad';
      },
      stopsAtFailure,
    });
    return visited;
  };

  it('never reaches what stands behind a failure', async () => {
    expect(await run(false)).toEqual(['bad', 'good', 'next']);
  });

  it('begins nothing after a failure when it is to stop there', async () => {
    expect(await run(true)).toEqual(['bad', 'good']);
  });

  it('of nothing is over at once', async () => {
    const visit = async () => true;
    await walk({ nodes: [], before: () => [], visit, stopsAtFailure: true });
  });
});
