import type { ParseArgsOptionsConfig } from 'node:util';
import { WrongOptionError } from '../run-main.ts';

/** The options by which every command finds bots, for `parseArgs`. */
export const botOptions = {
  app: { type: 'string', short: 'a' },
  bot: { type: 'string' },
  context: { type: 'string', short: 'c', multiple: true },
  profile: { type: 'string' },
  stack: { type: 'string' },
  stage: { type: 'string' },
} as const satisfies ParseArgsOptionsConfig;

/** What `parseArgs` returns for `botOptions`. */
export interface BotOptions {
  readonly app?: string;
  readonly bot?: string;
  readonly context?: readonly string[];
  readonly profile?: string;
  readonly stack?: string;
  readonly stage?: string;
}

/** The lines of a usage text that explain `botOptions`. */
export const botOptionsUsage = `  -c KEY=VALUE   context for the app, as for cdk deploy: -c stage=prod
  --stage NAME   the same as -c stage=NAME
  --bot PATH     only this bot, by its construct path: TelegramBot-prod/Bot
  --stack NAME   only this deployed stack; the app is not run
  --app COMMAND  another app than that of cdk.json
  --profile NAME the AWS profile`;

/** The lines of a usage text about credentials and the permissions to find bots. */
export const botAccessUsage = `Uses the AWS credentials of your shell, and its region unless the app sets one. Needs cloudformation:DescribeStacks,
GetTemplate and ListStackResources`;

/**
 * Returns the context that the options add to that of cdk.json.
 *
 * @throws WrongOptionError for options that contradict each other, and for context that is not `key=value`
 */
export function contextOf({ app, context = [], stack, stage }: BotOptions): Record<string, string> {
  if (stack !== undefined && (app !== undefined || stage !== undefined || context.length > 0)) {
    throw new WrongOptionError('Use either --stack, which runs no app, or -c, --stage and --app.');
  }
  const pairs = context.map((pair) => {
    const at = pair.indexOf('=');
    if (at < 1) throw new WrongOptionError(`-c takes key=value, got ${pair}`);
    return [pair.slice(0, at), pair.slice(at + 1)] as const;
  });
  if (stage !== undefined && pairs.some(([key, value]) => key === 'stage' && value !== stage)) {
    throw new WrongOptionError('Use either --stage or -c stage=…: they name different stages.');
  }
  return Object.fromEntries(stage === undefined ? pairs : [...pairs, ['stage', stage]]);
}

/** Spells a script of package.json for the stacks that the options name. */
export function npmCommand(
  script: string,
  { app, context = [], profile, stack, stage }: BotOptions,
  args: readonly string[] = [],
): string {
  const flags = [
    ...(app === undefined ? [] : [`--app "${app}"`]),
    ...(profile === undefined ? [] : [`--profile ${profile}`]),
    ...context.map((pair) => `-c ${pair}`),
    ...(stage === undefined ? [] : [`-c stage=${stage}`]),
    // `cdk deploy` takes the ids of the app's stacks.
    ...(stack === undefined || script === 'deploy' ? [] : [`--stack ${stack}`]),
    ...args,
  ];
  return [`npm run ${script}`, ...(flags.length > 0 ? ['--', ...flags] : [])].join(' ');
}
