import { appStacks } from '../deployed-bots/app-stacks.ts';
import { type BotOptions, contextOf } from '../deployed-bots/options.ts';
import { WrongOptionError } from '../run-main.ts';
import type { TokenServer } from './ask-telegram.ts';

export interface TokenOptions extends BotOptions {
  readonly secret?: string;
  readonly region?: string;
  readonly 'api-root'?: string;
}

/** Which secret to fill, and where the token is valid. */
export interface TokenTarget {
  /** Path of the bot's construct; undefined for a secret given with `--secret`. */
  readonly bot?: string;
  /** Name or ARN. */
  readonly secretId: string;
  /** Undefined for the shell's region. */
  readonly region?: string;
  /** The Bot APIs that may know the token. */
  readonly servers: readonly TokenServer[];
  /** Arguments of `npm run deploy` that deploy the bot; undefined if the app was not asked. */
  readonly deploy?: readonly string[];
}

const TELEGRAM = 'https://api.telegram.org';

/**
 * Finds the secret that the app names for a bot, or takes the one of `--secret`, which an error message names when
 * the stage is not known.
 *
 * @throws Error that says which options choose one of several bots
 */
export async function findTarget(options: TokenOptions): Promise<TokenTarget> {
  const { secret, region, stack } = options;
  if (stack !== undefined)
    throw new WrongOptionError('--stack does not name a secret: use --secret.');
  if (secret !== undefined) return givenSecret(secret, options);
  const stacks = await appStacks(options.app, contextOf(options));
  const all = stacks.flatMap(({ bots, ...stack }) => bots.map((bot) => ({ ...bot, stack })));
  if (all.length === 0) throw new Error('The app has no stack with a TelegramBot.');
  const bots = all.filter(({ path }) => options.bot === undefined || path === options.bot);
  const [bot, ...others] = bots;
  if (!bot)
    throw new WrongOptionError(`There is no bot ${options.bot}. The app has:\n${choices(all)}`);
  if (others.length > 0) {
    throw new WrongOptionError(`The app has several bots. Choose one:\n${choices(bots)}`);
  }
  const { TokenSecret, ApiRoot, TelegramEnvironment } = bot.webhook;
  if (typeof TokenSecret !== 'string') {
    throw new Error(
      `The token secret of ${bot.path} gets its name during the deploy: give its name or ARN with --secret.`,
    );
  }
  const apiRoot = options['api-root'] ?? (typeof ApiRoot === 'string' ? ApiRoot : TELEGRAM);
  return {
    bot: bot.path,
    secretId: TokenSecret,
    region: region ?? regionOf(TokenSecret) ?? bot.stack.region,
    servers: [{ apiRoot, environment: TelegramEnvironment === 'test' ? 'test' : 'prod' }],
    deploy: deployArguments(options, stacks.length > 1 ? bot.stack.id : undefined),
  };
}

function givenSecret(secretId: string, options: TokenOptions): TokenTarget {
  if (/^\d+:/.test(secretId)) {
    // The value is not shown. The shell's history has it.
    throw new WrongOptionError(
      '--secret takes the name of a secret, but this looks like the token itself. It is now in the history of your ' +
        'shell: get a new one from @BotFather (/revoke).',
    );
  }
  if (!/^[\w/+=.@:-]{1,640}$/.test(secretId)) {
    throw new WrongOptionError('--secret takes the name of a secret, or its ARN.');
  }
  const apiRoot = options['api-root']?.replace(/\/+$/, '') ?? TELEGRAM;
  return {
    secretId,
    region: regionOf(secretId) ?? options.region,
    servers: [
      { apiRoot, environment: 'prod' },
      { apiRoot, environment: 'test' },
    ],
  };
}

/** Returns the region in an ARN. AWS's clients do not follow it by themselves. */
function regionOf(secretId: string): string | undefined {
  return /^arn:[^:]*:secretsmanager:([^:]+):/.exec(secretId)?.[1];
}

function choices(bots: readonly { path: string }[]): string {
  return bots.map(({ path }) => `  --bot ${path}`).join('\n');
}

function deployArguments({ app, context = [], profile, stage }: TokenOptions, stack?: string) {
  return [
    ...(app === undefined ? [] : ['--app', app]),
    ...(profile === undefined ? [] : ['--profile', profile]),
    ...context.flatMap((pair) => ['-c', pair]),
    ...(stage === undefined ? [] : ['-c', `stage=${stage}`]),
    ...(stack === undefined ? [] : [stack]),
  ];
}
