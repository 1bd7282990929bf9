import type { Handler } from '../../functions/receiver/index.ts';
import type {
  Bot,
  BotMessage,
  Chat,
  GroupOptions,
  Person,
  PressOutcome,
  RecordedCall,
  Telegram,
} from '../sandbox/index.ts';
import { DeployedApp } from './deployed-app.ts';
import { type BotDelivery, LocalTelegram } from './local-telegram.ts';

export interface ChatOptions {
  /** For a bot in this process: whether updates reach it in Telegram's request or in a batch. @default 'direct' */
  readonly delivery?: BotDelivery;
  /** The person who chats. @default - a new person, called Ada */
  readonly person?: Partial<Person>;
  /** A new group for the chat, which the person owns and the bot is in. @default - a private chat */
  readonly group?: Omit<GroupOptions, 'owner'>;
  /** For a bot in this process: further environment variables. */
  readonly environment?: Readonly<Record<string, string>>;
}

/**
 * A person's chat with a bot, for tests. Whatever the person does, the promise resolves when the bot has handled it, and
 * rejects if the bot failed.
 */
export interface BotChat {
  /** Sends a text. @returns the bot's messages in response */
  say(text: string): Promise<readonly BotMessage[]>;
  /** Changes the text, or the caption, of the person's latest message. @returns the bot's messages in response */
  edit(text: string): Promise<readonly BotMessage[]>;
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
  /** Restores the environment of the process. An app stays deployed. */
  close(): void;
}

export interface Pressed {
  /** What came of it: the toast or alert of the bot, or what Telegram does; undefined if the bot has not answered. */
  readonly answer: PressOutcome | undefined;
  readonly messages: readonly BotMessage[];
}

/** Where a bot runs, and how to tell when it has handled what was sent. */
export interface BotHost {
  readonly telegram: Telegram;
  readonly bot: Bot;
  /**
   * Watches from now on. @returns a function that waits until the bot has handled all updates that are pending when it is
   * called, and throws if the bot failed
   */
  watch(): () => Promise<void>;
}

/** Loads the module of a bot, once the environment of the process is that of a bot. */
export type LoadBot = () => Promise<{ readonly handler: Handler }>;

let people = 0;

/**
 * Opens a chat with a bot.
 *
 * With a function that loads the bot's module, the bot runs in this process, in milliseconds: Telegram, gateway or
 * queue, and Secrets Manager are emulated around its handler, and its calls reach the local Telegram. With an app that
 * is deployed to the local cloud, everything is as with `npm start`.
 *
 * @example
 * const chat = await chatWith(() => import('../functions/bot.ts'));
 * expect(await chat.say('hello')).toMatchObject([{ text: 'hello' }]);
 */
export async function chatWith(
  bot: LoadBot | DeployedApp,
  options: ChatOptions = {},
): Promise<BotChat> {
  if (bot instanceof DeployedApp) return openChat(bot, options);
  const { delivery = 'direct', environment = {} } = options;
  const local = await LocalTelegram.start();
  const close = setEnvironment({ ...local.environment(), ...environment });
  try {
    const { handler } = await bot();
    return await openChat(local, options, {
      prepare: () => local.connect(handler, delivery),
      close,
    });
  } catch (error) {
    close();
    throw error;
  }
}

async function openChat(
  host: BotHost,
  { person = {}, group }: ChatOptions,
  { prepare = () => {}, close = () => {} } = {},
): Promise<BotChat> {
  const { telegram, bot } = host;
  const someone = { id: 1_000_000 + ++people, firstName: 'Ada', ...person };
  let chat: Chat;
  if (group) {
    prepare();
    const handled = host.watch();
    chat = telegram.group(bot.id, { ...group, owner: someone }).owner;
    // The bot gets an update when it is added.
    await handled();
  } else chat = telegram.chat(bot.id, someone);
  let firstCall = telegram.calls.length;

  const does: BotChat['does'] = async (action) => {
    prepare();
    firstCall = telegram.calls.length;
    const messages: BotMessage[] = [];
    let updates = 0;
    const stops = [
      chat.onMessage((message) => messages.push(message)),
      telegram.arisen.listen(({ botId }) => {
        if (botId === bot.id) updates++;
      }),
    ];
    let handled = host.watch();
    try {
      const result = Promise.resolve(action(chat));
      result.catch(() => {});
      do {
        updates = 0;
        const current = handled();
        handled = host.watch();
        await current;
        // Lets an action go on that has waited for the bot: a payment consists of several updates.
        await Promise.race([result, new Promise(setImmediate)]);
      } while (updates > 0);
      return messages;
    } finally {
      for (const stop of stops) stop();
      // Ends the watch.
      await handled().catch(() => {});
    }
  };
  return {
    person: chat,
    does,
    say: (text) => does((one) => one.send(text)),
    edit: (text) =>
      does((one) => {
        const own = one.messages.findLast(({ from }) => from?.id === one.person.id);
        if (!own) throw new Error(`${one.person.first_name} has sent no message to edit`);
        one.edit(own, text);
      }),
    async press(button) {
      let answer: PressOutcome | undefined;
      const messages = await does(async (one) => {
        answer = await one.press(button);
      });
      return { answer, messages };
    },
    calls: () => telegram.calls.slice(firstCall),
    close,
  };
}

/** The values that variables had before any chat, and how many chats need them. */
const before = new Map<string, string | undefined>();
let openChats = 0;

/** Sets environment variables. @returns a function that restores them, unless other chats are open */
function setEnvironment(variables: Readonly<Record<string, string>>): () => void {
  for (const name of Object.keys(variables)) {
    if (!before.has(name)) before.set(name, process.env[name]);
  }
  Object.assign(process.env, variables);
  openChats++;
  let isOpen = true;
  return () => {
    if (!isOpen) return;
    isOpen = false;
    if (--openChats > 0) return;
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
    before.clear();
  };
}
