import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { BotApi } from '../../../functions/telegram/client.ts';
import { clientOf, jsonAnswer, rejectionOf } from './bot-api-server.ts';

describe('a call with files inside a parameter', () => {
  it('attaches them by name, wherever they stand', async () => {
    const { api, requests } = await clientOf(jsonAnswer(200, { ok: true, result: [] }));
    const [first, second] = [new Uint8Array([1, 2]), new File([new Uint8Array([3])], 'b"\n.png')];
    await api.call('sendMediaGroup', {
      chat_id: 1,
      media: [
        { type: 'photo', media: first, caption: 'one' },
        { type: 'photo', media: second },
        { type: 'photo', media: 'AgACfile_id' },
      ],
    });
    const { type = '', body = Buffer.alloc(0) } = requests[0] ?? {};
    const form = await new Response(new Uint8Array(body), {
      headers: { 'content-type': type },
    }).formData();
    expect(form.get('chat_id')).toBe('1');
    expect(JSON.parse(String(form.get('media')))).toEqual([
      { type: 'photo', media: 'attach://file0', caption: 'one' },
      { type: 'photo', media: 'attach://file1' },
      { type: 'photo', media: 'AgACfile_id' },
    ]);
    const bytes = async (name: string) => [
      ...new Uint8Array(await (form.get(name) as File).arrayBuffer()),
    ];
    expect([await bytes('file0'), await bytes('file1')]).toEqual([[1, 2], [3]]);
    expect((form.get('file1') as File).name).toBe('b"\n.png');
  });
});

describe('a call that cannot be made', () => {
  it('throws the mistake in its parameters, which is no outage', async () => {
    const { api, requests } = await clientOf(jsonAnswer(200, { ok: true, result: true }));
    const call = api.call('sendMessage', { chat_id: 1n as never, text: '' });
    expect(await rejectionOf(call)).toBeInstanceOf(TypeError);
    expect(requests).toHaveLength(0);
  });

  it('does not wait for the token after it was cancelled', async () => {
    const token = () => new Promise<string>(() => {});
    const api = new BotApi({ token, apiRoot: 'http://127.0.0.1:1' });
    const call = api.getMe({ signal: AbortSignal.abort() });
    expect((await rejectionOf(call)).message).toContain('the call was cancelled');
  });
});

describe('a call that Telegram limits', () => {
  const limited = (seconds: number) =>
    jsonAnswer(429, {
      ok: false,
      error_code: 429,
      description: 'Too Many Requests',
      parameters: { retry_after: seconds },
    });
  const ok = jsonAnswer(200, { ok: true, result: true });

  /** Returns a client whose server gives these answers in turn. */
  async function clientAnswering(...answers: ReturnType<typeof jsonAnswer>[]) {
    return clientOf((response) => answers.shift()?.(response));
  }
  /** Lets every wait end at once, and returns the waits. */
  function waits(end: (done: () => void) => void = setImmediate): number[] {
    const waited: number[] = [];
    const spy = vi.spyOn(globalThis, 'setTimeout').mockImplementation(((
      done: () => void,
      ms: number,
    ) => {
      waited.push(ms);
      end(done);
    }) as unknown as typeof setTimeout);
    onTestFinished(() => void spy.mockRestore());
    return waited;
  }

  it('waits as long as Telegram asks, within its limit', async () => {
    const { api, requests } = await clientAnswering(limited(3), limited(2), ok);
    const waited = waits();
    const call = api.call(
      'sendChatAction',
      { chat_id: 1, action: 'typing' },
      { rateLimitWaitMs: 5000 },
    );
    await expect(call).resolves.toBe(true);
    expect(requests).toHaveLength(3);
    expect(waited).toEqual([3000, 2000]);
  });

  it.each([
    [0, 1],
    [4999, 2],
  ])('throws when it may wait only %i ms', async (rateLimitWaitMs, attempts) => {
    const { api, requests } = await clientAnswering(limited(3), limited(2), ok);
    waits();
    const call = api.call('sendChatAction', { chat_id: 1, action: 'typing' }, { rateLimitWaitMs });
    expect(await rejectionOf(call)).toMatchObject({ code: 429 });
    expect(requests).toHaveLength(attempts);
  });

  it('stops waiting when the caller cancels it', async () => {
    const controller = new AbortController();
    const { api, requests } = await clientAnswering(limited(60), ok);
    waits(() => setImmediate(() => controller.abort()));
    const options = { rateLimitWaitMs: 3_600_000, signal: controller.signal };
    const call = api.call('sendChatAction', { chat_id: 1, action: 'typing' }, options);
    expect(await rejectionOf(call)).toMatchObject({ code: 429, retryAfter: 60 });
    expect(requests).toHaveLength(1);
  });
});
