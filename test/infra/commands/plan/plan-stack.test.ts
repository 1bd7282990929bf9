import { describe, expect, it } from 'vitest';
import { StackNotDeployed } from '../../../../infra/commands/deployed-bots/deployed-stack.ts';
import type { FoundStack } from '../../../../infra/commands/deployed-bots/find-bots.ts';
import { planStack, type RegistrarClients } from '../../../../infra/commands/plan/plan-stack.ts';

const settings = { MaxConnections: '40', AllowedUpdates: [] };
const stack = { name: 'Kit', arn: 'arn', region: 'eu-west-1', status: 'UPDATE_COMPLETE' };
const deployedBot = (path: string) => ({
  path,
  webhook: settings,
  stack,
  registrar: { name: `registrar of ${path}`, logGroup: 'log' },
  schedule: { name: 'watch' },
  alarms: [],
});
const declared = (...paths: string[]): FoundStack['declared'] => ({
  name: 'Kit',
  id: 'Kit',
  bots: paths.map((path) => ({ path, webhook: settings })),
});

const Checks = [{ Bot: 'Kit/Old' }, { Bot: 'Kit/Bot' }];

/** A registrar whose report names the function that was invoked as the host. */
const client = {
  async send({ input }: { input: { FunctionName?: string } }) {
    if (!input.FunctionName) return { Target: { Input: JSON.stringify({ Checks }) } };
    const webhook = { host: input.FunctionName, isOurs: true, pendingUpdates: 0, differences: [] };
    return { Payload: Buffer.from(JSON.stringify({ condition: 'healthy', webhook })) };
  },
};
const clientsOf = () => ({ lambda: client, scheduler: client }) as unknown as RegistrarClients;

describe('the plan for a stack', () => {
  it('asks Telegram about the deployed bots, and covers new and removed ones', async () => {
    const deployed = { ...stack, bots: [deployedBot('Kit/Old'), deployedBot('Kit/Bot')] };
    const plans = await planStack(
      { declared: declared('Kit/New', 'Kit/Bot'), deployed },
      clientsOf,
    );
    expect(plans.map(({ bot, kind }) => [bot, kind])).toEqual([
      ['Kit/New', 'new'],
      ['Kit/Bot', 'unchanged'],
      ['Kit/Old', 'removed'],
    ]);
    expect(plans[1]?.notes[0]).toContain('registrar of Kit/Bot');
    expect(plans[2]?.notes[0]).toContain('registrar of Kit/Old');
  });

  it('is about new bots before the first deploy', async () => {
    const deployed = new Error('Deploy it', { cause: new StackNotDeployed('Deploy it') });
    const plans = await planStack({ declared: declared('Kit/Bot'), deployed }, clientsOf);
    expect(plans.map(({ kind }) => kind)).toEqual(['new']);
  });

  it('fails when the deployed stack cannot be read', async () => {
    const deployed = new Error('No credentials');
    await expect(planStack({ declared: declared('Kit/Bot'), deployed }, clientsOf)).rejects.toThrow(
      'No credentials',
    );
  });
});
