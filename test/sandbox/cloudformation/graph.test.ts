import { describe, expect, it } from 'vitest';
import { topologicalOrder, walk } from './graph.ts';

describe('the topological order', () => {
  it('puts each node after those it depends on, and otherwise keeps the given order', () => {
    const dependencies: Record<string, string[]> = { a: ['c', 'unknown'], b: [], c: ['d'], d: [] };
    expect(topologicalOrder(['a', 'b', 'c', 'd'], (id) => dependencies[id] ?? [])).toEqual([
      'd',
      'c',
      'a',
      'b',
    ]);
  });

  it('rejects a cycle', () => {
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

  it('never visits a node after a failed one', async () => {
    expect(await run(false)).toEqual(['bad', 'good', 'next']);
  });

  it('begins no visit after a failure when told to stop there', async () => {
    expect(await run(true)).toEqual(['bad', 'good']);
  });

  it('ends immediately without nodes', async () => {
    const visit = async () => true;
    await walk({ nodes: [], before: () => [], visit, stopsAtFailure: true });
  });
});
