import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { withHint } from '../aws-hints.ts';
import { clientOptions } from '../client-options.ts';
import { WrongOptionError } from '../run-main.ts';
import { type AppStack, appStacks } from './app-stacks.ts';
import { type DeployedBot, type DeployedStack, readDeployedStack } from './deployed-stack.ts';
import { type BotOptions, contextOf, npmCommand } from './options.ts';

/** A stack with bots: what the app declares, and what is deployed or why that is unknown. */
export interface FoundStack {
  readonly declared: AppStack;
  /** Either the stack, or an error whose message says what to do. */
  readonly deployed: DeployedStack | Error;
}

/**
 * Finds the stacks with bots that a command is about, in the order of the app. With `--stack`, nothing is declared.
 *
 * @throws Error when the app fails or has no bot, or when no bot has the path of `--bot`
 */
export async function findStacks(
  options: BotOptions,
  clientOf = (region?: string) => new CloudFormationClient(clientOptions(region)),
): Promise<FoundStack[]> {
  const context = contextOf(options);
  // Every client reads it, and so does the app.
  if (options.profile !== undefined) process.env.AWS_PROFILE = options.profile;
  const { stack } = options;
  const stacks =
    stack === undefined
      ? await appStacks(options.app, context)
      : [{ name: stack, id: stack, bots: [] }];
  if (stacks.length === 0) throw new Error('The app has no stack with a TelegramBot.');
  const found = await Promise.all(
    stacks.map(async (declared): Promise<FoundStack> => {
      const isOnly = stacks.length === 1;
      const command = npmCommand('deploy', options, isOnly ? [] : [declared.id]);
      const deployed = await readDeployedStack(clientOf(declared.region), declared, command).catch(
        (error: Error) => new Error(withHint(error), { cause: error }),
      );
      return { declared, deployed };
    }),
  );
  return options.bot === undefined ? found : onlyBot(found, options.bot);
}

/**
 * Finds the deployed bots that a command is about.
 *
 * @returns the bots, and the messages about stacks that could not be read
 * @throws Error as `findStacks` does; also when no stack could be read, or none has a bot
 */
export async function findBots(
  options: BotOptions,
  clientOf?: (region?: string) => CloudFormationClient,
): Promise<{ bots: DeployedBot[]; problems: string[] }> {
  const stacks = await findStacks(options, clientOf);
  const problems = stacks.flatMap(({ deployed }) =>
    deployed instanceof Error ? [deployed.message] : [],
  );
  const bots = stacks.flatMap(({ deployed }) => (deployed instanceof Error ? [] : deployed.bots));
  if (bots.length > 0) return { bots, problems };
  if (problems.length > 0) throw new Error(problems.join('\n'));
  throw new Error(
    `No TelegramBot is deployed in ${stacks.map(({ declared }) => declared.name).join(', ')}.`,
  );
}

function onlyBot(stacks: readonly FoundStack[], path: string): FoundStack[] {
  const isIt = (bot: { path: string }) => bot.path === path;
  const all = stacks.flatMap(({ declared, deployed }) => [
    ...declared.bots,
    ...(deployed instanceof Error ? [] : deployed.bots),
  ]);
  if (!all.some(isIt)) {
    const errors = stacks.flatMap(({ deployed }) => (deployed instanceof Error ? [deployed] : []));
    if (all.length === 0 && errors[0]) throw errors[0];
    const paths = [...new Set(all.map((bot) => bot.path))];
    throw new WrongOptionError(
      `There is no bot ${path}. --bot takes the path of a TelegramBot construct: ${paths.join(', ') || 'none was found'}`,
    );
  }
  return stacks
    .map(({ declared, deployed }) => ({
      declared: { ...declared, bots: declared.bots.filter(isIt) },
      deployed:
        deployed instanceof Error ? deployed : { ...deployed, bots: deployed.bots.filter(isIt) },
    }))
    .filter(
      ({ declared, deployed }) =>
        declared.bots.length > 0 || (!(deployed instanceof Error) && deployed.bots.length > 0),
    );
}
