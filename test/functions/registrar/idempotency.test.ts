import { describe, expect, it } from 'vitest';
import { idempotent } from '../../../functions/registrar/idempotency.ts';

/** Makes a handler that records the events it handles, and fails on `failing`. */
function recordingHandler() {
  const handled: string[] = [];
  const handle = idempotent(async ({ RequestId }: { RequestId: string }) => {
    handled.push(RequestId);
    if (RequestId === 'failing') throw new Error('no');
    return handled.length;
  });
  return { handled, handle };
}

describe('idempotent', () => {
  it('returns the first result when an event is delivered again, and handles it once', async () => {
    const { handled, handle } = recordingHandler();
    expect(await handle({ RequestId: 'a' })).toBe(1);
    expect(await handle({ RequestId: 'b' })).toBe(2);
    expect(await handle({ RequestId: 'a' })).toBe(1);
    expect(handled).toEqual(['a', 'b']);
  });

  it('throws the first error when a failed event is delivered again', async () => {
    const { handled, handle } = recordingHandler();
    await expect(handle({ RequestId: 'failing' })).rejects.toThrow('no');
    await expect(handle({ RequestId: 'failing' })).rejects.toThrow('no');
    expect(handled).toEqual(['failing']);
  });

  it('forgets the oldest event after 100 more', async () => {
    const { handled, handle } = recordingHandler();
    for (let i = 0; i <= 100; i++) await handle({ RequestId: String(i) });
    await handle({ RequestId: '0' });
    expect(handled.filter((id) => id === '0')).toHaveLength(2);
  });
});
