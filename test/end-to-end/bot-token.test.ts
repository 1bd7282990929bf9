import { describe, expect, it } from 'vitest';
import { Watch } from '../../infra/settings/watch.ts';
import type { DeliveryReport, Sandbox } from '../sandbox/index.ts';
import { kitStack } from './app.ts';
import { newTestBed } from './test-bed.ts';

const testBed = newTestBed();

describe('a bot that calls the Bot API itself', () => {
  it.each(['test/bots/calls-the-api.ts', 'test/bots/calls-by-fetch.ts'])(
    'answers with a token that is read while it loads, and never for a stranger: %s',
    async (entry) => {
      const { sandbox, bot, ask } = testBed();
      const reads = countSecretReads(sandbox);
      await sandbox.cloudFormation.deploy(kitStack({ entry, watch: Watch.off() }));
      const deployed = reads();

      const url = new URL(sandbox.telegram.webhook(bot.id)?.url ?? '');
      const stranger = await sandbox.network.request(url, {
        method: 'POST',
        headers: { 'x-telegram-bot-api-secret-token': 'A'.repeat(43) },
        body: JSON.stringify({ update_id: 1, message: { chat: { id: 42 }, text: 'let me in' } }),
      });
      expect(stranger.status).toBe(401);
      expect(reads()).toBe(deployed);

      expect((await ask('one')).text).toBe('one');
      expect((await ask('two')).text).toBe('two');
      expect(reads()).toBe(deployed);
      const sent = sandbox.telegram.calls.filter(({ method }) => method === 'sendMessage');
      expect(sent.map(({ via }) => via)).toEqual(['http', 'http']);
    },
  );
});

describe('a bot that throws', () => {
  it('gets the update again until it succeeds, and logs its id but no content', async () => {
    const { sandbox, bot, ask } = testBed();
    const { outputs } = await sandbox.cloudFormation.deploy(
      kitStack({ entry: 'test/bots/fails-twice.ts' }),
    );
    const attempts: (DeliveryReport & { pending: number })[] = [];
    sandbox.telegram.attempted.listen((report) =>
      attempts.push({ ...report, pending: bot.pending.size }),
    );

    expect((await ask('a private word')).text).toBe('at last');

    const problem = 'Wrong response from the webhook: 500 Internal Server Error';
    const [first] = attempts;
    expect(attempts.slice(0, 2)).toMatchObject([
      { problem, pending: 1 },
      { problem, pending: 1, update: first?.update },
    ]);
    const log = sandbox.aws.logs.lines(outputs.ReceiverLogGroup);
    expect(log.map((line) => JSON.parse(line))).toMatchObject(
      [1, 2].map(() => ({
        level: 'ERROR',
        message: {
          event: 'update.failed',
          updateId: first?.update.update_id,
          errorMessage: 'GET https://api.telegram.org/bot<bot token>/getFile timed out',
        },
      })),
    );
    expect(log.join()).not.toMatch(/a private word|Ada/);
  });
});

function countSecretReads({ aws }: Sandbox): () => number {
  let count = 0;
  aws.secrets.intercept = () => {
    count += 1;
    return undefined;
  };
  return () => count;
}
