import { describe, expect, it } from 'vitest';
import { idempotent } from '../../../functions/registrar/idempotency.ts';

/** Counts what it serves, and fails at `failing`. */
function counting() {
  const served: string[] = [];
  const serve = idempotent(async ({ RequestId }: { RequestId: string }) => {
    served.push(RequestId);
    if (RequestId === 'failing') throw new Error('no');
    return served.length;
  });
  return { served, serve };
}

describe('an event that comes again', () => {
  it('is answered as it was, and done once', async () => {
    const { served, serve } = counting();
    expect(await serve({ RequestId: 'a' })).toBe(1);
    expect(await serve({ RequestId: 'b' })).toBe(2);
    expect(await serve({ RequestId: 'a' })).toBe(1);
    expect(served).toEqual(['a', 'b']);
  });

  it('fails as it has failed', async () => {
    const { served, serve } = counting();
    await expect(serve({ RequestId: 'failing' })).rejects.toThrow('no');
    await expect(serve({ RequestId: 'failing' })).rejects.toThrow('no');
    expect(served).toEqual(['failing']);
  });

  it('is not remembered for ever', async () => {
    const { served, serve } = counting();
    for (let i = 0; i <= 100; i++) await serve({ RequestId: String(i) });
    await serve({ RequestId: '0' });
    expect(served.filter((id) => id === '0')).toHaveLength(2);
  });
});
