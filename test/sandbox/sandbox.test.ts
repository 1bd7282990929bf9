import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lambdaTrust } from './aws/fixtures.ts';
import type { StackArtifact } from './cloudformation/assembly.ts';
import { Sandbox } from './sandbox.ts';

let sandbox: Sandbox;

beforeEach(async () => {
  sandbox = await Sandbox.start();
});

afterEach(() => sandbox.close());

describe('the bots of a stack', () => {
  it('have fake tokens that nobody on this machine can guess', () => {
    const stack = (secret: string) => {
      const bot = { Type: 'Custom::TelegramBot', Properties: { TokenSecret: secret } };
      return { template: { Resources: { Bot: bot } } } as unknown as StackArtifact;
    };
    const [one] = sandbox.provideBots(stack('one'));
    const [two] = sandbox.provideBots(stack('two'));
    expect(one?.token).toMatch(/^7000000001:FAKE-TOKEN-[a-z0-9]{24}$/);
    expect(two?.token).toMatch(/^7000000002:FAKE-TOKEN-[a-z0-9]{24}$/);
    expect(two?.token.split(':')[1]).not.toBe(one?.token.split(':')[1]);
  });
});

it.each([1, 10])(
  'lets a function skip its waits at speed %i, and puts its clock forward',
  async (speed) => {
    const own = await Sandbox.start({ speed, skipsWaits: () => true });
    try {
      const codeDirectory = own.folder('code');
      mkdirSync(codeDirectory);
      writeFileSync(join(codeDirectory, 'index.mjs'), WAITS);
      const { arn } = own.aws.iam.createRole({
        name: 'role',
        trust: lambdaTrust,
        managedPolicyArns: [],
      });
      own.aws.lambda.create({
        name: 'waits',
        roleArn: arn,
        handler: 'index.handler',
        runtime: 'nodejs24.x',
        timeout: 10,
        memorySize: 128,
        environment: {},
        codeDirectory,
      });
      const { payload } = await own.aws.lambda.invoke('waits', {});
      expect(Number(payload)).toBeGreaterThanOrEqual(3_600_000);
    } finally {
      await own.close();
    }
  },
);

/** Returns how long an hour's wait has taken by the function's clock. */
const WAITS = `
  import { setTimeout as sleep } from 'node:timers/promises';
  export const handler = async () => {
    const started = Date.now();
    await sleep(3_600_000);
    return Date.now() - started;
  };`;
