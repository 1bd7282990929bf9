import { CfnOutput, Stack } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TelegramBot } from '../../infra/constructs/telegram-bot.ts';
import { entry, secretName } from '../fixtures.ts';
import { type Bot, isRegistrar, Sandbox, type StackArtifact } from '../sandbox/index.ts';
import { synthesized } from './app.ts';
import { type Addition, additions, botWith } from './everyday-additions.ts';

let sandbox: Sandbox;
let strict: Sandbox;
const notes: string[] = [];

beforeAll(async () => {
  sandbox = await Sandbox.start({
    mode: 'lenient',
    speed: 10,
    skipsWaits: isRegistrar,
    onNote: (text) => notes.push(text),
    secrets: { 'openai/key': 'given' },
  });
  strict = await Sandbox.start({ skipsWaits: isRegistrar });
});

afterAll(() => Promise.all([sandbox.close(), strict.close()]));

function appWith(wanted: readonly Addition[], bot = entry): StackArtifact[] {
  const props = { botTokenSecret: secretName, bot: { entry: bot } };
  return synthesized((app) => void botWith(app, props, wanted), 'lenient');
}

/** Deploys stacks and returns the bot of the first one. */
async function deploy(stacks: readonly StackArtifact[]): Promise<Bot> {
  const [bot] = stacks.flatMap((stack) => sandbox.provideBots(stack));
  for (const stack of stacks) {
    const { status, reason } = await sandbox.cloudFormation.deploy(stack);
    expect([status, reason]).toEqual([
      expect.stringMatching(/^(CREATE|UPDATE)_COMPLETE$/),
      undefined,
    ]);
  }
  return bot as Bot;
}

async function destroy(stacks: readonly StackArtifact[]): Promise<void> {
  for (const { name } of stacks.toReversed()) {
    const { status, reason } = await sandbox.cloudFormation.destroy(name);
    expect([status, reason]).toEqual(['DELETE_COMPLETE', undefined]);
  }
}

async function ask({ id }: Bot, text: string): Promise<string> {
  const chat = sandbox.telegram.chat(id, { id: 42, firstName: 'Ada' });
  chat.send(text);
  return (await chat.nextMessage()).text ?? '';
}

describe('an app with', () => {
  it.each(Object.entries(additions))('%s is deployed, and its bot answers', async (_, addition) => {
    notes.length = 0;
    const stacks = appWith([addition]);
    const bot = await deploy(stacks);
    expect(await ask(bot, 'hello')).toBe('hello');
    expect(notes.toSorted()).toEqual([...(addition.notes ?? [])].toSorted());
    await destroy(stacks);
    expect(sandbox.telegram.webhook(bot.id)).toBeUndefined();
  });
});

/** Strict mode accepts these, because they are emulated or change nothing that a test could see. */
const accepted = ['tags', 'another route with a function of its own', 'an export'];

describe('strict mode refuses an app with', () => {
  const refused = Object.entries(additions).filter(([name]) => !accepted.includes(name));

  it.each(refused)('%s', async (_, addition) => {
    const deployed = async () => {
      const props = { botTokenSecret: secretName, bot: { entry } };
      const stacks = synthesized((app) => void botWith(app, props, [addition]));
      for (const stack of stacks) {
        const { status } = await strict.cloudFormation.deploy(stack);
        if (status !== 'CREATE_COMPLETE') throw new Error(status);
      }
    };
    await expect(deployed()).rejects.toThrow(/support|ROLLBACK_COMPLETE|must be|required/);
    await strict.cloudFormation.destroy('Kit');
  });

  it('a resource that it does not know, by the path of its construct, with the way on', async () => {
    const [stack] = synthesized((app) => {
      const props = { botTokenSecret: secretName, bot: { entry } };
      botWith(app, props, [additions['a bucket'] as Addition]);
    });
    await expect(strict.cloudFormation.deploy(stack as StackArtifact)).rejects.toThrow(
      'Files: AWS::S3::Bucket is not supported by the sandbox in strict mode. In lenient mode, which is that of ' +
        "npm start without --strict and of Sandbox.start({ mode: 'lenient' }), it works or exists in name only",
    );
  });
});

describe('a stack with an account and a region', () => {
  it('has them in its outputs, in the host of its API and in the functions', async () => {
    const stacks = appWith([
      additions['an explicit account and region'] as Addition,
      { add: (stack) => new CfnOutput(stack, 'Arn', { value: stack.bot.bot.functionArn }) },
    ]);
    await deploy(stacks);
    const { outputs } = sandbox.cloudFormation.describe('Kit') ?? {};
    expect(outputs?.EndpointHost).toMatch(/\.execute-api\.eu-central-1\.amazonaws\.com$/);
    expect(outputs?.Arn).toMatch(/^arn:aws:lambda:eu-central-1:111122223333:function:/);
    await destroy(stacks);
  });
});

describe('a bot whose token secret the app names by its ARN', () => {
  it('gets a token from the sandbox, also in another region', async () => {
    const arn = 'arn:aws:secretsmanager:us-west-2:111122223333:secret:telegram/token-AbCdEf';
    const stacks = synthesized((app) => {
      const env = { account: '111122223333', region: 'eu-central-1' };
      const stack = new Stack(app, 'ByArn', { env });
      const token = Secret.fromSecretCompleteArn(stack, 'Token', arn);
      new TelegramBot(stack, 'Bot', { token, entry });
    }, 'lenient');
    const bot = await deploy(stacks);
    expect(await ask(bot, 'hello')).toBe('hello');
    await destroy(stacks);
  });
});

describe('a bot with a table', () => {
  const table = additions['a table with a grant'] as Addition;

  it('keeps what it has stored when the stack is deployed again', async () => {
    const bot = await deploy(appWith([table], 'test/bots/counts.ts'));
    expect(await ask(bot, 'one')).toBe('Message 1');
    const again = appWith(
      [table, { add: (stack) => stack.bot.bot.addEnvironment('CHANGED', 'yes') }],
      'test/bots/counts.ts',
    );
    for (const stack of again) await sandbox.cloudFormation.deploy(stack);
    expect(await ask(bot, 'two')).toBe('Message 2');
    await destroy(again);
  });

  it('is denied what its role does not allow', async () => {
    const ungranted: Addition = {
      add: (stack) => stack.bot.bot.addEnvironment('TABLE_NAME', 'Chats'),
    };
    const stacks = appWith([ungranted], 'test/bots/counts.ts');
    const bot = await deploy(stacks);
    expect(await ask(bot, 'one')).toBe('AccessDeniedException');
    await destroy(stacks);
  });
});

describe('a bot with a secret of its own', () => {
  const secretOf = (name: string): Addition => ({
    add: (stack) => Secret.fromSecretNameV2(stack, 'Key', name).grantRead(stack.bot.bot),
  });

  it.each([
    ['without an account', {}],
    ['in the account of its stack', additions['an explicit account and region'] as Addition],
  ])('reads the value that it was given, %s', async (_, addition) => {
    const stacks = appWith([secretOf('openai/key'), addition], 'test/bots/knows-a-secret.ts');
    const bot = await deploy(stacks);
    expect(await ask(bot, 'openai/key')).toBe('given');
    await destroy(stacks);
  });

  it('gets a note on how to give a value to one that has none', async () => {
    notes.length = 0;
    const stacks = appWith([secretOf('other/key')], 'test/bots/knows-a-secret.ts');
    const bot = await deploy(stacks);
    expect(await ask(bot, 'other/key')).toBe('AccessDeniedException');
    expect(notes).toEqual([
      "The secret other/key has no value here: give it one with npm start -- --secret 'other/key=VALUE', " +
        'or in .secrets.json',
    ]);
    await destroy(stacks);
  });
});
