import type { Handler } from '../../functions/receiver/index.ts';
import type { BotMessage, CallbackAnswer, Chat, Person, RecordedCall } from '../sandbox/index.ts';
import { type BotDelivery, LocalTelegram } from './local-telegram.ts';

export interface ChatOptions {
  /** Whether updates reach the bot in Telegram's request or in a batch of the queue. @default 'direct' */
  readonly delivery?: BotDelivery;
  /** The person who chats. @default - somebody new, called Ada */
  readonly person?: Partial<Person>;
  /** Further environment variables of the bot. */
  readonly environment?: Readonly<Record<string, string>>;
}

/**
 * A person's chat with a bot, for tests. Whatever the person does, the promise resolves when the bot has handled it, and
 * rejects if the bot failed.
 */
export interface BotChat {
  /** Sends a text. @returns the bot's messages in response */
  say(text: string): Promise<readonly BotMessage[]>;
  /** Presses the button with this text under the bot's latest message with buttons. */
  press(button: string): Promise<Pressed>;
  /**
   * Lets the person do anything that a person can do: `chat.does((person) => person.send('hello'))`.
   *
   * @returns the bot's messages in response
   */
  does(action: (person: Chat) => unknown): Promise<readonly BotMessage[]>;
  /** What the bot called in response to the person's last action, in order. */
  calls(): readonly RecordedCall[];
  /** The person, with the messages of both sides. */
  readonly person: Chat;
  /** Restores the environment of the process. */
  close(): void;
}

export interface Pressed {
  /** The toast or alert that the bot has answered with; undefined if it has not. */
  readonly answer: CallbackAnswer | undefined;
  readonly messages: readonly BotMessage[];
}

let people = 0;

/**
 * Opens a chat with a bot that runs in this process, in milliseconds: Telegram, gateway or queue, and Secrets Manager
 * are emulated around its handler, and its calls reach the local Telegram.
 *
 * @param load loads the bot's module, when its environment is set
 * @example
 * const chat = await chatWith(() => import('../functions/bot.ts'));
 * expect(await chat.say('hello')).toMatchObject([{ text: 'hello' }]);
 */
export async function chatWith(
  load: () => Promise<{ readonly handler: Handler }>,
  { delivery = 'direct', person = {}, environment = {} }: ChatOptions = {},
): Promise<BotChat> {
  const local = await LocalTelegram.start();
  const restore = setEnvironment({ ...local.environment(), ...environment });
  const { handler } = await load();
  const chat = local.telegram.chat(local.bot.id, {
    id: 1_000_000 + ++people,
    firstName: 'Ada',
    ...person,
  });
  let firstCall = local.telegram.calls.length;

  const does: BotChat['does'] = async (action) => {
    local.connect(handler, delivery);
    firstCall = local.telegram.calls.length;
    const messages: BotMessage[] = [];
    const stop = chat.onMessage((message) => messages.push(message));
    try {
      const handled = local.watch();
      const result = Promise.resolve(action(chat));
      result.catch(() => {});
      await handled();
      // Lets an action finish that has waited for the bot.
      await Promise.race([result, new Promise(setImmediate)]);
      return messages;
    } finally {
      stop();
    }
  };
  return {
    person: chat,
    does,
    say: (text) => does((someone) => someone.send(text)),
    async press(button) {
      let answer: CallbackAnswer | undefined;
      const messages = await does(async (someone) => {
        answer = await someone.press(button);
      });
      return { answer, messages };
    },
    calls: () => local.telegram.calls.slice(firstCall),
    close: restore,
  };
}

/** Sets environment variables. @returns a function that restores them */
function setEnvironment(variables: Readonly<Record<string, string>>): () => void {
  const before = Object.keys(variables).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, variables);
  return () => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  };
}
