import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { secretName } from '../fixtures.ts';
import { type Bot, type BotMessage, fakeToken, isRegistrar, Sandbox } from '../sandbox/index.ts';
import { expectNoSecret } from './no-secret.ts';

/** A bot fresh from BotFather, with its token in the secret that the stack names, and nothing deployed. */
export interface TestBed extends Actor {
  readonly sandbox: Sandbox;
  /** Returns the names of the Bot API methods called so far. */
  methods(): string[];
}

export interface Actor {
  readonly bot: Bot;
  /** Sends a message as a person would; resolves with the bot's answer. */
  ask(text: string): Promise<BotMessage>;
}

export interface TestBedOptions {
  /**
   * Whether the registrar waits until nothing that was decided earlier can still set a webhook, which is the larger part
   * of a deploy and of a destroy. A test needs the wait if something can still set one, or if it counts the attempts of a
   * queued bot: on a slow machine, a bot that is still starting and handling the probe runs out of time for an update.
   *
   * @default false
   */
  readonly waits?: boolean;
}

/** Opens a new test bed for each test. When a test ends, nothing that was logged may hold a secret. */
export function newTestBed(options?: TestBedOptions): () => TestBed {
  let testBed: TestBed;
  beforeEach(async () => {
    testBed = await openTestBed(options);
  });
  afterEach(() => closeTestBed(testBed));
  return () => testBed;
}

/** Opens one test bed for all tests of a scope, which must leave the deployed stacks as they were. */
export function sharedTestBed(): () => TestBed {
  let testBed: TestBed;
  beforeAll(async () => {
    testBed = await openTestBed();
  });
  afterAll(() => closeTestBed(testBed));
  return () => testBed;
}

/** Creates a bot and the secret with its token, as a person does before a first deploy. */
export function addBot(
  sandbox: Sandbox,
  { id, username, secret }: { id?: number; username: string; secret: string },
): Actor {
  const token = fakeToken(id);
  const bot = sandbox.telegram.createBot({ token, username, firstName: 'Kit' });
  sandbox.aws.secrets.put(secret, token);
  const chat = sandbox.telegram.chat(bot.id, { id: 42, firstName: 'Ada' });
  return {
    bot,
    ask(text) {
      chat.send(text);
      return chat.nextMessage();
    },
  };
}

async function openTestBed({ waits = false }: TestBedOptions = {}): Promise<TestBed> {
  const sandbox = await Sandbox.start({ speed: 10, skipsWaits: waits ? undefined : isRegistrar });
  return {
    sandbox,
    ...addBot(sandbox, { username: 'kit_bot', secret: secretName }),
    methods: () => sandbox.telegram.calls.map((call) => call.method),
  };
}

async function closeTestBed({ sandbox }: TestBed): Promise<void> {
  try {
    expectNoSecret(sandbox);
  } finally {
    await sandbox.close();
  }
}

/** Sets a webhook of another service for the bot; resolves with its URL. */
export async function setForeignWebhook({ sandbox, bot }: TestBed): Promise<string> {
  const url = 'https://elsewhere.execute-api.us-east-1.amazonaws.com/of-another-service';
  sandbox.network.serve(
    new URL(url).host,
    (_request, response) => void response.writeHead(200).end(),
  );
  const call = new URL(`https://api.telegram.org/bot${bot.token}/setWebhook`);
  call.searchParams.set('url', url);
  // Telegram accepts one setWebhook call a second.
  for (;;) {
    const { status, body } = await sandbox.network.request(call, { method: 'GET' });
    if (status === 200) return url;
    if (status !== 429) throw new Error(`setWebhook: ${body}`);
    await sleep(1000);
  }
}
