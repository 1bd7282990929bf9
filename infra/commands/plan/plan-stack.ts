import type { LambdaClient } from '@aws-sdk/client-lambda';
import type { SchedulerClient } from '@aws-sdk/client-scheduler';
import { askRegistrar } from '../ask-registrar.ts';
import { withHint } from '../aws-hints.ts';
import { type DeployedStack, StackNotDeployed } from '../deployed-bots/deployed-stack.ts';
import type { FoundStack } from '../deployed-bots/find-bots.ts';
import { type BotPlan, planNew, planRemoved, planUpdate } from './plan-bot.ts';

export interface RegistrarClients {
  readonly lambda: LambdaClient;
  readonly scheduler: SchedulerClient;
}

/**
 * Plans what the next deploy does to every bot of a stack: those that the app declares, then those that it removes.
 *
 * @throws the error about a stack that cannot be read
 */
export async function planStack(
  { declared, deployed }: FoundStack,
  clientsOf: (region: string) => RegistrarClients,
): Promise<BotPlan[]> {
  if (deployed instanceof Error) {
    if (deployed.cause instanceof StackNotDeployed) return declared.bots.map(planNew);
    throw deployed;
  }
  const clients = clientsOf(deployed.region);
  const ask = (bot: DeployedStack['bots'][number]) =>
    askRegistrar(bot, clients).catch((error: Error) => new Error(withHint(error)));
  const kept = declared.bots.map(async (bot) => {
    const before = deployed.bots.find(({ path }) => path === bot.path);
    return before ? planUpdate(bot, before, await ask(before)) : planNew(bot);
  });
  const removed = deployed.bots
    .filter(({ path }) => !declared.bots.some((bot) => bot.path === path))
    .map(async (bot) => planRemoved(bot, await ask(bot)));
  return Promise.all([...kept, ...removed]);
}
