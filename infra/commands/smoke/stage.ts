import type { AppStack } from '../deployed-bots/app-stacks.ts';
import type { TokenServer } from '../token/ask-telegram.ts';

/** The one bot of a temporary stage. */
export interface SmokeBot {
  readonly stack: string;
  /** Undefined for the shell's. */
  readonly region?: string;
  /** Name of the secret with the token of a test bot. */
  readonly secret: string;
  readonly server: TokenServer;
}

/**
 * Finds the bot of a temporary stage among the stacks of the app, and makes sure that nothing else would be deployed or
 * destroyed: the stack's name must contain the stage, and there must be no other.
 *
 * @throws Error that says why the app cannot be tested so
 */
export function botOfStage(stacks: readonly AppStack[], stage: string, secret: string): SmokeBot {
  const [stack, ...others] = stacks;
  const [bot, ...more] = stack?.bots ?? [];
  if (!stack || !bot) throw new Error('The app has no stack with a TelegramBot.');
  if (others.length > 0 || more.length > 0) {
    throw new Error(
      'The app has several bots, but a smoke test has the token of one: give it an app with one bot, with --app.',
    );
  }
  if (!stack.name.includes(stage)) {
    throw new Error(
      `The name of stack ${stack.name} does not contain the stage ${stage}, so a smoke test would deploy over your ` +
        'stack and then destroy it: name the stack after the stage, as infra/app.ts does.',
    );
  }
  const { ApiRoot, TelegramEnvironment, TokenSecret } = bot.webhook;
  if (TokenSecret !== secret) {
    throw new Error(
      `${bot.path} does not use the secret ${secret}: the app must read the context botTokenSecret, as infra/app.ts does.`,
    );
  }
  return {
    stack: stack.name,
    region: stack.region,
    secret,
    server: {
      apiRoot: String(ApiRoot),
      environment: TelegramEnvironment === 'test' ? 'test' : 'prod',
    },
  };
}
