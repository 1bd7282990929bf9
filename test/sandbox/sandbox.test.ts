import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { lambdaTrust } from './aws/fixtures.ts';
import { stackOf } from './cloudformation/fakes.ts';
import { declaredBotsOf } from './declared-bots.ts';
import { Sandbox } from './sandbox.ts';
import { fakeToken } from './telegram/fake-token.ts';

let sandbox: Sandbox;

afterEach(() => sandbox.close());

describe('the bots of a stack', () => {
  it('have fake tokens that nobody on this machine can guess', async () => {
    sandbox = await Sandbox.start();
    const stack = (secret: string) => {
      const bot = { Type: 'Custom::TelegramBot', Properties: { TokenSecret: secret } };
      return stackOf({ Bot: bot });
    };
    const [one] = sandbox.provideBots(stack('one'));
    const [two] = sandbox.provideBots(stack('two'));
    expect(one?.token).toMatch(/^7000000001:FAKE-TOKEN-[a-z0-9]{24}$/);
    expect(two?.token).toMatch(/^7000000002:FAKE-TOKEN-[a-z0-9]{24}$/);
    expect(two?.token.split(':')[1]).not.toBe(one?.token.split(':')[1]);
  });

  it('are who they are elsewhere', async () => {
    sandbox = await Sandbox.start();
    const stacks = ['Shop', 'Other'].map((TokenSecret) =>
      stackOf({ Bot: { Type: 'Custom::TelegramBot', Properties: { TokenSecret } } }),
    );
    const [declared] = stacks.flatMap(declaredBotsOf);
    const token = fakeToken(42);
    if (declared) {
      const { tokenSecret } = declared;
      sandbox.useProfile(tokenSecret, { token, username: 'shop_bot', firstName: 'Shop' });
    }
    const bots = stacks.flatMap((stack) => sandbox.provideBots(stack));
    expect(bots.map(({ user }) => user)).toMatchObject([
      { id: 42, username: 'shop_bot', first_name: 'Shop' },
      { username: 'sandbox_bot' },
    ]);
    expect(bots[0]?.token).toBe(token);
  });

  it('are switched as the stack expects, and know the chats of their profile, without an update', async () => {
    const notes: string[] = [];
    sandbox = await Sandbox.start({ mode: 'lenient', onNote: (text) => notes.push(text) });
    const stack = (privacyMode: string, chat: number | string) => {
      const Slots = [JSON.stringify({ commands: [], scope: { type: 'chat', chat_id: chat } })];
      const secret = { TokenSecret: 'one' };
      const Bot = {
        Type: 'Custom::TelegramBot',
        Properties: { ...secret, Expects: { privacyMode } },
      };
      const Profile = { Type: 'Custom::TelegramBotProfile', Properties: { ...secret, Slots } };
      return stackOf({ Bot, Profile });
    };
    const [bot] = sandbox.provideBots(stack('false', -100123));
    expect(bot?.user.can_read_all_group_messages).toBe(true);
    expect(bot?.findDialog('-100123')?.met).toBe(true);

    for (const chat of [42, '@shop']) {
      expect(sandbox.provideBots(stack('true', chat), { onlyNew: true })).toEqual([]);
      expect(bot?.findDialog(String(chat))?.met).toBe(true);
    }
    expect(bot?.user.can_read_all_group_messages).toBe(false);
    const set = '@sandbox_bot: set as the stack expects it in @BotFather: group privacy';
    expect(notes).toEqual([`${set} off`, `${set} on`]);
    expect(bot?.pending.size).toBe(0);
  });
});

describe('functions whose waits are skipped', () => {
  /** Creates a function with this body, and returns what invokes it. */
  function create(body: string): () => Promise<Record<string, number>> {
    const codeDirectory = sandbox.folder('code');
    mkdirSync(codeDirectory);
    writeFileSync(
      join(codeDirectory, 'index.mjs'),
      `import { createServer, get } from 'node:http';
      import { setTimeout as sleep } from 'node:timers/promises';
      export const handler = async (_event, context) => {
        const before = Date.now();
        ${body}
      };`,
    );
    const { lambda, iam } = sandbox.aws;
    const role = iam.createRole({ name: 'patient', trust: lambdaTrust, managedPolicyArns: [] });
    lambda.create({
      name: 'patient',
      roleArn: role.arn,
      handler: 'index.handler',
      runtime: 'nodejs24.x',
      timeout: 900,
      memorySize: 128,
      environment: {},
      codeDirectory,
    });
    return async () => JSON.parse((await lambda.invoke('patient', {})).payload);
  }

  it.each([1, 10])('see an hour pass at once in each invocation, at speed %i', async (speed) => {
    sandbox = await Sandbox.start({ speed, skipsWaits: () => true });
    const invoke = create(`
      const remainingMs = context.getRemainingTimeInMillis();
      await sleep(3_600_000);
      return { passedMs: Date.now() - before, remainingMs };`);
    for (let invocation = 1; invocation <= 2; invocation++) {
      const { passedMs, remainingMs } = await invoke();
      expect(passedMs).toBeGreaterThanOrEqual(3_600_000);
      expect(remainingMs).toBeGreaterThan(0);
    }
  });

  it('see no time pass during a request because other code waits', async () => {
    sandbox = await Sandbox.start({ skipsWaits: () => true });
    const invoke = create(`
      const server = createServer((_request, response) => setTimeout(() => response.end('x'), 50));
      await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
      const request = async () => {
        const { port } = server.address();
        const response = await new Promise((resolve) => get({ host: '127.0.0.1', port }, resolve));
        await response.toArray();
        return Date.now() - before;
      };
      const wait = async (ms) => {
        await sleep(ms);
        return Date.now() - before;
      };
      const [requestMs, hourMs, minuteMs] = await Promise.all([request(), wait(3_600_000), wait(60_000)]);
      server.close();
      return { requestMs, hourMs, minuteMs };`);
    const { requestMs, hourMs, minuteMs } = await invoke();
    expect(requestMs).toBeLessThan(60_000);
    expect(minuteMs).toBeGreaterThanOrEqual(60_000);
    expect(minuteMs).toBeLessThan(3_600_000);
    expect(hourMs).toBeGreaterThanOrEqual(3_600_000);
  });
});
