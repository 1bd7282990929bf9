import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach } from 'vitest';
import { fakeToken } from '../fixtures.ts';
import { Sandbox } from '../sandbox/sandbox.ts';
import type { Bot } from '../sandbox/telegram/bot.ts';
import type { BotMessage } from '../sandbox/telegram/chat.ts';
import { secretName } from './app.ts';
import { expectNoSecret } from './no-secret.ts';

/** A bot that BotFather made, its token in the secret that the stack names, and nothing deployed yet. */
export interface Stage {
  readonly sandbox: Sandbox;
  readonly bot: Bot;
  /** Sends a message as a person would; resolves with the bot's answer. */
  ask(text: string): Promise<BotMessage>;
  /** The Bot API methods called so far, by name. */
  methods(): string[];
}

/** A new stage for each test. When a test ends, nothing it printed anywhere may hold a secret. */
export function newStage(): () => Stage {
  let stage: Stage;
  beforeEach(async () => {
    const sandbox = await Sandbox.start({ speed: 10 });
    const token = fakeToken();
    const bot = sandbox.telegram.createBot({ token, username: 'kit_bot', firstName: 'Kit' });
    sandbox.aws.secrets.put(secretName, token);
    const chat = sandbox.telegram.chat(bot.id, { id: 42, firstName: 'Ada' });
    stage = {
      sandbox,
      bot,
      ask(text) {
        chat.send(text);
        return chat.nextMessage(AbortSignal.timeout(10_000));
      },
      methods: () => sandbox.telegram.calls.map((call) => call.method),
    };
  });
  afterEach(async () => {
    try {
      expectNoSecret(stage.sandbox);
    } finally {
      await stage.sandbox.close();
    }
  });
  return () => stage;
}

/** A webhook that somebody else has set for the bot. */
export async function setForeignWebhook({ sandbox, bot }: Stage): Promise<string> {
  const url = 'https://elsewhere.execute-api.us-east-1.amazonaws.com/foreign';
  sandbox.door.serve(new URL(url).host, (_request, response) => void response.writeHead(200).end());
  const call = new URL(`https://api.telegram.org/bot${bot.token}/setWebhook`);
  call.searchParams.set('url', url);
  // Telegram takes one setWebhook a second.
  for (;;) {
    const { status, body } = await sandbox.door.request(call, { method: 'GET' });
    if (status === 200) return url;
    if (status !== 429) throw new Error(`setWebhook: ${body}`);
    await sleep(1000);
  }
}
