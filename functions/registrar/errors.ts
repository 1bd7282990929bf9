import { storeTokenCommand } from '../bot-token/commands.ts';
import { TokenUnavailableError } from '../bot-token/errors.ts';
import { classify } from '../telegram/classify.ts';
import { TelegramRefusedError, TelegramUnreachableError } from '../telegram/errors.ts';
import type { Explanation } from './reason.ts';
import { StackUnknownError } from './stack.ts';

/** A failure whose message says, to a person at a terminal, what happened and what to do. */
export class DeploymentError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'DeploymentError';
  }
}

/** A registration failed, and the webhook that it may have set could not be removed. */
export class OrphanedWebhookError extends Error {
  override readonly cause: Error;
  /** The host that the webhook points to. */
  readonly host: string;

  constructor(cause: Error, host: string) {
    super(cause.message);
    this.name = 'OrphanedWebhookError';
    this.cause = cause;
    this.host = host;
  }
}

/** A setting of the profile could not be read or set. */
export class ProfileError extends Error {
  override readonly cause: Error;
  /** The setting, as the app names it: `profile.commands (scope chat 42)`. */
  readonly setting: string;
  /** The settings that a failed create has set, and could not undo. */
  remaining: readonly string[] = [];

  constructor(cause: Error, setting: string) {
    super(`${setting}: ${cause.message}`);
    this.name = 'ProfileError';
    this.cause = cause;
    this.setting = setting;
  }
}

export interface ErrorContext {
  /** Name or ARN of the secret that holds the token. */
  readonly tokenSecret: string;
  /** The Bot API that was called, as it is named in a sentence. */
  readonly server: string;
  /** How to try again, as the end of a sentence: `deploy again.` */
  readonly tryAgain: string;
}

type Expected =
  | OrphanedWebhookError
  | ProfileError
  | DeploymentError
  | StackUnknownError
  | TokenUnavailableError
  | TelegramRefusedError
  | TelegramUnreachableError;

/** Whether the error's message explains itself. Any other error is logged with its stack trace. */
export function isExpected(error: unknown): error is Expected {
  if (error instanceof OrphanedWebhookError || error instanceof ProfileError) {
    return isExpected(error.cause);
  }
  return [
    DeploymentError,
    StackUnknownError,
    TokenUnavailableError,
    TelegramRefusedError,
    TelegramUnreachableError,
  ].some((known) => error instanceof known);
}

/** Says to a person at a terminal what happened and what to do. Commands come last, to be copied. */
export function explainError(error: unknown, context: ErrorContext): Explanation {
  if (error instanceof OrphanedWebhookError) {
    const { what, fix } = explainError(error.cause, context);
    const orphaned =
      `A webhook at ${error.host} may be orphaned, because it could not be removed; the next deploy ` +
      'replaces it. The original failure:';
    return what ? { what: `${orphaned} ${what}`, fix } : { what, fix: `${orphaned} ${fix}` };
  }
  if (error instanceof ProfileError) {
    const { cause, message, remaining, setting } = error;
    const isRejected = classify(cause)?.kind === 'rejected';
    const { fix } = explainError(cause, context);
    const orphaned =
      remaining.length > 0 ? ` What it had set could not be undone: ${remaining.join(', ')}` : '';
    return {
      what: `${message}.${orphaned}`.replace(/\.$/, ''),
      fix: isRejected ? `Correct ${setting}, and ${context.tryAgain}` : fix,
    };
  }
  if (!isExpected(error)) {
    const { name, message } = error as Error;
    return {
      what: `The registrar failed unexpectedly with ${name}: ${message}`,
      fix: 'Its log has the stack trace.',
    };
  }
  const { message } = error;
  if (error instanceof TelegramRefusedError) return { what: message, fix: fixOf(error, context) };
  const { server, tryAgain } = context;
  if (error instanceof TelegramUnreachableError) {
    const fix = `Make sure that ${server} is a Bot API server that answers, and ${tryAgain}`;
    return { what: message, fix };
  }
  if (error instanceof StackUnknownError) {
    const fix =
      "Wait: a later check tries again. If this stays, let the registrar's role call " +
      'cloudformation:DescribeStacks for this stack.';
    return { what: message, fix };
  }
  // The registrar's own errors end with their fix.
  const canPass = error instanceof TokenUnavailableError && error.reason === 'unreachable';
  return { what: '', fix: canPass ? `${message} Wait, then ${tryAgain}` : message };
}

function fixOf(
  refused: TelegramRefusedError,
  { tokenSecret, server, tryAgain }: ErrorContext,
): string {
  switch (classify(refused)?.kind) {
    case 'unauthorized':
      return (
        `The token in secret ${tokenSecret} is unknown or revoked at ${server}: get a new one from ` +
        `@BotFather, store it, and ${tryAgain} To store it:\n${storeTokenCommand(tokenSecret)}`
      );
    case 'logged-out':
      return `The bot has moved from ${server}: set telegramApiRoot to its Bot API server, and ${tryAgain}`;
    case 'rate-limited':
      return (
        "That exceeds the registrar's time limit. " +
        `Wait ${refused.retryAfter ? `at least ${refused.retryAfter} seconds` : 'a few minutes'}, then ${tryAgain}`
      );
    case 'interrupted':
      return `Another process keeps setting the webhook of this bot: stop it, and ${tryAgain}`;
    case 'unresolved-host':
      return `Telegram keeps a failed look-up for 5 minutes: wait that long, then ${tryAgain}`;
    case 'unavailable':
      return `Telegram's API returned ${refused.code}: wait a few minutes, then ${tryAgain}`;
    default:
      return `Correct the webhook's settings, and ${tryAgain}`;
  }
}
