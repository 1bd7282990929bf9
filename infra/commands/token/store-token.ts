import {
  askTelegram,
  BadTokenError,
  botIdIn,
  isToken,
  type NamedBot,
  type TokenServer,
} from './ask-telegram.ts';
import type { Keyboard } from './keyboard.ts';
import { type SecretState, type StoredSecret, tokenIn, withToken } from './stored-secret.ts';

export interface StoreOptions {
  readonly secret: StoredSecret;
  /** The Bot APIs that may know the token. */
  readonly servers: readonly TokenServer[];
  /** Answers the questions about a deleted secret and another bot. */
  readonly yes: boolean;
  /** Stores the token without asking Telegram. */
  readonly unchecked: boolean;
  readonly print: (line: string) => void;
}

/** The command ends without having stored anything. Its message says why, for a person. */
export class NothingStoredError extends Error {
  override readonly name = 'NothingStoredError';
}

/**
 * Asks for a token, checks it, and stores it. Everything that can fail comes before the one call that changes
 * something, except that a deleted secret is restored before it can be read.
 *
 * @returns whether the secret holds the token now
 * @throws NothingStoredError, InterruptedError, errors of AWS
 */
export async function storeToken(keyboard: Keyboard, options: StoreOptions): Promise<void> {
  const { secret, yes, print } = options;
  // Read before the question, so that nobody pastes a token that cannot be stored.
  let state = await keyboard.until(secret.read());
  const previous = await previousBot(keyboard, state, options);
  print(`It ${contentOf(state, previous)}.`);
  const { token, bot } = await askForToken(keyboard, options);
  if (state.kind === 'deleted') {
    const isWanted = yes || (await keyboard.isAffirmed('Restore the secret?'));
    if (!isWanted) throw new NothingStoredError(withYes(keyboard, 'The secret stays deleted.'));
    await secret.restore();
    print('Restored the secret.');
    state = await secret.read();
  }
  await replace(keyboard, { token, bot, state, previous }, options);
}

interface Replacement {
  readonly token: string;
  readonly bot: NamedBot;
  readonly state: SecretState;
  /** Undefined if it was not read before, as that of a deleted secret. */
  readonly previous?: NamedBot;
}

async function replace(
  keyboard: Keyboard,
  { token, bot, state, previous }: Replacement,
  options: StoreOptions,
): Promise<void> {
  const { secret, yes, print } = options;
  if (state.kind !== 'present') {
    const arn = await secret.create(token);
    print(`Created the secret: ${arn}`);
    if (/-[A-Za-z0-9]{6}$/.test(secret.id) && secret.id.startsWith('arn:')) {
      print('The app names the previous ARN: give it this one.');
    }
    return print(`The next deploy points the webhook of ${nameOf(bot)} at the stack.`);
  }
  const stored = tokenIn(state.value);
  if (stored === token) return print(`The secret already holds this token, of ${nameOf(bot)}.`);
  const replaced = previous ?? (stored === undefined ? undefined : { id: botIdIn(stored) });
  const isOther = replaced !== undefined && replaced.id !== bot.id;
  print(consequences(bot, replaced));
  if (isOther && !yes && !(await keyboard.isAffirmed('Store the token of another bot?'))) {
    throw new NothingStoredError(withYes(keyboard, 'The secret keeps its token.'));
  }
  await secret.put(withToken(state.value, token));
  print(`Stored the token of ${nameOf(bot)}.`);
}

function withYes({ isTerminal }: Keyboard, message: string): string {
  if (isTerminal) return message;
  return `${message} Standard input is not a terminal: pass --yes to agree.`;
}

function consequences(bot: NamedBot, previous: NamedBot | undefined): string {
  if (previous === undefined) {
    return `The next deploy points the webhook of ${nameOf(bot)} at the stack.`;
  }
  if (previous.id === bot.id) {
    return (
      `It is the same bot, ${nameOf(bot)}, with another token. The webhook's path and secret are derived from the ` +
      'token, so the next deploy renews both. Deploy soon: until then the bot may not receive updates.'
    );
  }
  return (
    `This is another bot: ${nameOf(bot)} instead of ${nameOf(previous)}. The next deploy moves the stack to ` +
    `${nameOf(bot)}. The previous bot keeps its webhook, which then leads nowhere, because only its own token can ` +
    'remove it.'
  );
}

async function previousBot(
  keyboard: Keyboard,
  state: SecretState,
  { servers, unchecked }: StoreOptions,
): Promise<NamedBot | undefined> {
  const token = state.kind === 'present' ? tokenIn(state.value) : undefined;
  if (token === undefined) return undefined;
  const unnamed = { id: botIdIn(token) };
  if (unchecked) return unnamed;
  // Its name is a courtesy: the token may be revoked, which is why it is replaced.
  return keyboard.until(identify(token, servers).catch(() => unnamed));
}

function contentOf(state: SecretState, bot: NamedBot | undefined): string {
  if (state.kind === 'missing') return 'does not exist yet';
  if (state.kind === 'deleted') return 'is scheduled for deletion';
  if (bot) return `holds a token of ${nameOf(bot)}`;
  return state.value === undefined ? 'has no text in it' : 'holds something other than a bot token';
}

/** Asks until Telegram knows the token; once if nobody can answer again. */
async function askForToken(
  keyboard: Keyboard,
  options: StoreOptions,
): Promise<{ token: string; bot: NamedBot }> {
  for (;;) {
    const token = await keyboard.secret('Token from @BotFather (not shown): ');
    if (token === '') throw new NothingStoredError('No token was given.');
    try {
      return { token, bot: await keyboard.until(check(token, options)) };
    } catch (error) {
      if (!(error instanceof BadTokenError) || !keyboard.isTerminal) throw error;
      options.print(`${error.message} Try again, or press Ctrl-C.`);
    }
  }
}

async function check(token: string, { servers, unchecked }: StoreOptions): Promise<NamedBot> {
  if (!isToken(token)) {
    throw new BadTokenError('This is not a bot token, which looks like 123456789:AbC-dEf...');
  }
  return unchecked ? { id: botIdIn(token) } : identify(token, servers);
}

/** Asks each server, until one knows the token. */
async function identify(token: string, servers: readonly TokenServer[]): Promise<NamedBot> {
  const [server, ...others] = servers;
  if (!server) throw new Error('There is no Bot API to ask.');
  return askTelegram(token, server).catch((error) => {
    if (others.length === 0 || !(error instanceof BadTokenError)) throw error;
    return identify(token, others).catch(() => {
      throw error;
    });
  });
}

function nameOf({ id, username }: NamedBot): string {
  return username ? `@${username} (${id})` : `bot ${id}`;
}
