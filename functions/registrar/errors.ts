import { howToPaste, storeTokenCommand } from '../bot-token/commands.ts';
import { TokenUnavailableError } from '../bot-token/token-unavailable.ts';
import { TelegramRefusedError, TelegramUnreachableError } from '../telegram/errors.ts';
import { DeploymentError, OrphanedWebhookError } from './deploy-failure.ts';
import { isBotGone, isInterrupted } from './retry/policy.ts';

export interface ErrorContext {
  /** Name or ARN of the secret that holds the token. */
  readonly tokenSecret: string;
  readonly apiRoot: string;
  /** What a person does to try once more, and the end of a sentence: `deploy again.` */
  readonly tryAgain: string;
}

type Expected =
  | OrphanedWebhookError
  | DeploymentError
  | TokenUnavailableError
  | TelegramRefusedError
  | TelegramUnreachableError;

/** Whether the error says all there is to say; for any other, a stack trace is of use. */
export function isExpected(error: unknown): error is Expected {
  if (error instanceof OrphanedWebhookError) return isExpected(error.cause);
  return [
    DeploymentError,
    TokenUnavailableError,
    TelegramRefusedError,
    TelegramUnreachableError,
  ].some((known) => error instanceof known);
}

/** For the person at the terminal: what happened, and what to do. Commands come last, to be copied. */
export function explainError(error: unknown, circumstances: ErrorContext): string {
  if (error instanceof OrphanedWebhookError) {
    return (
      `A webhook at ${error.host} may be left behind, for it could not be taken back; the next deploy ` +
      `replaces it. It began with this: ${explainError(error.cause, circumstances)}`
    );
  }
  if (!isExpected(error)) {
    const { name, message } = error as Error;
    return `The registrar failed unexpectedly with ${name}: ${message}. Its log says where.`;
  }
  if (error instanceof TelegramRefusedError)
    return `${error.message}. ${cure(error, circumstances)}`;
  const { apiRoot, tryAgain } = circumstances;
  if (error instanceof TelegramUnreachableError) {
    return `${error.message}. See that ${apiRoot} is a Bot API server that answers, and ${tryAgain}`;
  }
  const passes = error instanceof TokenUnavailableError && error.reason === 'unreachable';
  return passes ? `${error.message} Wait, and ${tryAgain}` : error.message;
}

function cure(
  refused: TelegramRefusedError,
  { tokenSecret, apiRoot, tryAgain }: ErrorContext,
): string {
  const { code, description, retryAfter } = refused;
  if (code === 401 || code === 404) {
    return (
      `The token in secret ${tokenSecret} is unknown or revoked at ${apiRoot}: get a new one from ` +
      `@BotFather, store it, and ${tryAgain} To store it (${howToPaste}): ` +
      storeTokenCommand(tokenSecret)
    );
  }
  if (isBotGone(refused)) {
    return `The bot has left ${apiRoot}: give the app the root of its Bot API server, and ${tryAgain}`;
  }
  if (code === 429) {
    return `That is longer than this may take: wait ${retryAfter ?? 'some'} seconds, and ${tryAgain}`;
  }
  if (isInterrupted(refused)) {
    return `Something else keeps setting the webhook of this bot: stop that, and ${tryAgain}`;
  }
  if (description.includes('Failed to resolve host')) {
    return `Telegram keeps a failed look-up for 5 minutes: wait that long, and ${tryAgain}`;
  }
  if (code >= 500) return `Telegram is in trouble: wait some minutes, and ${tryAgain}`;
  return `Correct the webhook's settings, and ${tryAgain}`;
}
