import { appendFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { fakeToken, OtherTelegram, Sandbox } from '../sandbox/index.ts';
import { commandEnvironment } from './command.ts';
import { LiveRun, type LiveRunOptions, LIVE_TOKEN as token } from './live-run.ts';
import { leftIn, spawnStart, temporaryDirectory } from './start-run.ts';
import { copyToWorkspace } from './workspace.ts';

const ADA = { id: 42, firstName: 'Ada' };
const CALLS = ['-c', 'entry=test/bots/calls-the-api.ts'];
const eventually = <T>(look: () => T) => expect.poll(look, { timeout: 100_000 });

/** What the tests take for the real Telegram. */
let real: OtherTelegram;
const sent = () => real.methods().filter((method) => method === 'sendMessage').length;
const chat = () => real.telegram.chat(real.bot.id, ADA);

beforeEach(async () => {
  real = await OtherTelegram.open({ token, username: 'dev_bot', firstName: 'Dev' });
  onTestFinished(() => real.close());
});

const startLive = (args?: readonly string[], options?: LiveRunOptions) =>
  LiveRun.start(real, args, options);

/** Returns the arguments and the environment of all processes that use a directory. */
function processesOf(directory: string): string {
  const read = (path: string) => {
    try {
      return readFileSync(path, 'utf8');
    } catch {
      return ''; // It has ended in the meantime, or is another user's.
    }
  };
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => `${read(`/proc/${pid}/cmdline`)}${read(`/proc/${pid}/environ`)}\n`)
    .filter((process) => process.includes(directory))
    .join('');
}

describe('npm start -- --live', () => {
  it('answers people of the real Telegram by reply, and destroys what it deployed at Ctrl-C', async () => {
    const run = startLive();
    await run.isReady();
    chat().send('/start');
    expect((await chat().nextMessage()).text).toBe('Hello, Ada!');
    expect(await chat().press('Press me')).toMatchObject({ text: 'Pressed' });
    await eventually(() => real.unconfirmed()).toEqual([]);
    const output = await run.end();
    expect(output).toContain('→ Ada: “/start”\n← sendMessage (webhook reply) ok\n');
    expect(output).toContain(
      '→ Ada: the button “Press me”\n← answerCallbackQuery (webhook reply) ok',
    );
    expect(output).toContain('@dev_bot has no webhook on Telegram, and gets none: the app is');
    expect(output).toContain(
      'Nothing is left here. On Telegram, the webhook of @dev_bot was never',
    );
    expect(new Set(real.methods())).toEqual(
      new Set(['getMe', 'getWebhookInfo', 'getUpdates', 'sendMessage', 'answerCallbackQuery']),
    );
  });

  it('runs a bot behind a queue, whose calls with the token go to the real Telegram', async () => {
    const run = startLive([...CALLS, '--delivery', 'queued']);
    await run.isReady();
    chat().send('one');
    expect((await chat().nextMessage()).text).toBe('one');
    await eventually(() => real.unconfirmed()).toEqual([]);
    expect(await run.end()).toContain('→ Ada: “one”\n← sendMessage ok\n');
  });

  it('lets no call of the bot go past it, whatever the spelling of the address', async () => {
    const run = startLive(['--online', '-c', 'entry=test/bots/asks-the-internet.ts']);
    await run.isReady();
    const answerTo = async (url: string) => {
      chat().send(url);
      return (await chat().nextMessage()).text;
    };
    expect(await answerTo(`https://API.telegram.org./bot${token}/deleteWebhook`)).toBe('400');
    expect(await answerTo(real.root)).toContain('is not reachable: with --live, the bot calls');
    expect(await run.end()).toContain('The bot has called deleteWebhook, which was refused');
    expect(real.targets.filter((target) => !/(get\w+|sendMessage)$/.test(target))).toEqual([]);
  });

  it.each(['direct', 'queued'])(
    'finishes what is in progress at Ctrl-C, and confirms exactly that (%s)',
    async (delivery) => {
      const run = startLive([...CALLS, '--delivery', delivery]);
      await run.isReady();
      real.hold();
      chat().send('slow');
      await eventually(() => real.holding).toBe(1);
      expect(real.unconfirmed()).toHaveLength(1);
      run.child.kill('SIGINT');
      await run.prints(/Waiting for what the bot is handling\./);
      chat().send('too late');
      real.release();
      const { exitCode, output } = await run.ended();
      expect(exitCode, output).toBe(0);
      expect((await chat().nextMessage()).text).toBe('slow');
      expect(real.unconfirmed()).toHaveLength(1);
      expect(sent()).toBe(1);
    },
  );

  it.skipIf(process.platform !== 'linux')(
    'loses nothing when it is killed, and has the token in no argument and no environment',
    async () => {
      const killed = startLive(CALLS);
      await killed.isReady();
      real.hold();
      chat().send('hello');
      await eventually(() => real.holding).toBe(1);
      expect(processesOf(killed.directory)).toContain('AWS_LAMBDA_FUNCTION_NAME');
      expect(processesOf(killed.directory)).not.toContain('FAKE-TOKEN');
      killed.child.kill('SIGKILL');
      await killed.ended();
      real.drop();
      expect(real.unconfirmed()).toHaveLength(1);
      const run = startLive(CALLS);
      expect((await chat().nextMessage()).text).toBe('hello');
      await eventually(() => real.unconfirmed()).toEqual([]);
      await run.end();
    },
  );
});

describe('npm start -- --live reloads what is saved', () => {
  let project: string;
  let run: LiveRun;
  const edit = (file: string, change: (code: string) => string) => {
    const path = join(project, file);
    const code = readFileSync(path, 'utf8');
    expect(change(code)).not.toBe(code);
    writeFileSync(path, change(code));
  };
  const BOT = 'test/bots/calls-the-api.ts';

  beforeEach(async () => {
    project = copyToWorkspace();
    onTestFinished(() => rmSync(dirname(dirname(project)), { recursive: true }));
    run = LiveRun.start(real, CALLS, { project });
    await run.isReady();
  });

  it('while an update is handled: it comes once, and the next one to the new code', async () => {
    real.hold();
    chat().send('one');
    await eventually(() => real.holding).toBe(1);
    chat().send('two');
    edit(BOT, (code) => code.replace('message.text }', 'message.text.toUpperCase() }'));
    await run.prints(/reloaded calls-the-api\.ts in/);
    real.release();
    expect((await chat().nextMessage()).text).toBe('one');
    expect((await chat().nextMessage()).text).toBe('TWO');

    edit(BOT, (code) => `${code}}`);
    await run.prints(/calls-the-api\.ts was not reloaded, and the code before it keeps running:/);
    chat().send('three');
    expect((await chat().nextMessage()).text).toBe('THREE');
    await eventually(() => real.unconfirmed()).toEqual([]);
    await run.end();
    expect(sent()).toBe(3);
  });

  it('when the bot fails, and delivers the update to the new code', async () => {
    edit(BOT, (code) =>
      code.replace('if (!message', "throw new Error('Not yet');\n  if (!message"),
    );
    await run.prints(/reloaded calls-the-api\.ts in/);
    chat().send('one');
    await run.prints(/failed again/);
    edit(BOT, (code) => code.replace("throw new Error('Not yet');", ''));
    expect((await chat().nextMessage()).text).toBe('one');
    await eventually(() => real.unconfirmed()).toEqual([]);
    await run.end();
    expect(sent()).toBe(1);
  });

  it('when the app changes too: from direct delivery to a queue and back, and no update is lost', async () => {
    const app = 'test/end-to-end/start-app.ts';
    const deployed = async (change: (code: string) => string, times: number) => {
      edit(app, change);
      appendFileSync(join(project, 'infra/app.ts'), '\n');
      chat().send(`sent ${times}`);
      await run.prints(new RegExp(`(deployed again in[^]*){${times}}`));
    };
    await deployed((code) => code.replace("delivery === 'queued'", "delivery !== 'queued'"), 1);
    chat().send('queued');
    await deployed((code) => code.replace("delivery !== 'queued'", "delivery === 'queued'"), 2);
    chat().send('direct');
    const texts = [];
    while (texts.at(-1) !== 'direct') texts.push((await chat().nextMessage()).text);
    expect(new Set(texts)).toEqual(new Set(['sent 1', 'queued', 'sent 2', 'direct']));
    await eventually(() => real.unconfirmed()).toEqual([]);
    await run.end();
  });
});

describe('npm start -- --live refuses', () => {
  const refused = async (run: LiveRun) => {
    const { exitCode, output } = await run.ended();
    expect(exitCode, output).toBe(1);
    expect(leftIn(run.directory)).toEqual([]);
    return output;
  };

  it('a bot that has a webhook, which it leaves alone', async () => {
    const url = 'https://abc.execute-api.eu-west-1.amazonaws.com/secret-path';
    await real.setWebhook(url);
    const output = await refused(startLive());
    expect(output).toContain(
      '@dev_bot has a webhook, at abc.execute-api.eu-west-1.amazonaws.com: with --live the bot would stop there',
    );
    expect(output).not.toContain('secret-path');
    expect(real.methods()).toEqual(['getMe', 'getWebhookInfo']);
    expect(real.telegram.webhook(real.bot.id)?.url).toBe(url);
  });

  it('a token that Telegram does not know', async () => {
    const output = await refused(startLive([], { given: fakeToken(7_123_456_789, 'y') }));
    expect(output).toContain('Telegram does not know this token (401 from http://127.0.0.1:');
    expect(real.methods()).toEqual(['getMe']);
  });

  it('an app with several bots, unless one is chosen', async () => {
    const output = await refused(startLive(['-c', 'second=true']));
    expect(output).toContain(
      'The app has several bots, and one runs live: choose it with --bot PATH. They are TelegramBot-dev/Bot, Second/Bot.',
    );
  });

  it('an app that calls the Bot API past it, where its deploy would set a webhook', async () => {
    const output = await refused(startLive(['-c', `telegramApiRoot=${real.root}`]));
    expect(output).toContain(`TelegramBot-dev/Bot calls the Bot API at ${real.root}, where its`);
    expect(real.methods()).toEqual(['getMe', 'getWebhookInfo']);
  });

  it('such an app in a reload, and goes on with the one before', async () => {
    const project = copyToWorkspace();
    onTestFinished(() => rmSync(dirname(dirname(project)), { recursive: true }));
    const run = startLive([], { project });
    await run.isReady();
    const app = join(project, 'test/end-to-end/start-app.ts');
    const code = readFileSync(app, 'utf8');
    expect(code).toContain('apiRoot: telegramApiRoot');
    writeFileSync(app, code.replace('apiRoot: telegramApiRoot', `apiRoot: '${real.root}'`));
    appendFileSync(join(project, 'infra/app.ts'), '\n');
    await run.prints(/Nothing was deployed, and the app runs as before:/);
    chat().send('hello');
    expect((await chat().nextMessage()).text).toBe('hello');
    expect(await run.end()).toContain('TelegramBot-dev/Bot calls the Bot API at http://127.0.0.1:');
  });

  it('a token in the place of an option, without repeating it', async () => {
    const output = await refused(startLive([token]));
    expect(output).toContain("Unexpected argument '<token>'");
    expect(real.methods()).toEqual([]);
  });

  it('options that belong to it, without it', async () => {
    const directory = temporaryDirectory();
    const child = spawnStart(directory, ['--from-secret']);
    expect(await text(child.stderr)).toContain('belong to --live');
  });
});

describe('npm start -- --live --from-secret', () => {
  it("takes the token from the stage's secret", async () => {
    const sandbox = await Sandbox.start();
    onTestFinished(() => sandbox.close());
    sandbox.aws.secrets.put('telegram/dev/bot-token', JSON.stringify({ token }));
    const run = startLive(['--from-secret'], { given: '', env: commandEnvironment(sandbox) });
    await run.isReady();
    chat().send('hello');
    expect((await chat().nextMessage()).text).toBe('hello');
    await run.end();
  });

  it('says what it needs where there is no AWS', async () => {
    const env = { AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: undefined, AWS_PROFILE: undefined };
    const offline = { AWS_EC2_METADATA_DISABLED: 'true', HOME: temporaryDirectory() };
    const run = startLive(['--from-secret'], { given: '', env: { ...env, ...offline } });
    const { exitCode, output } = await run.ended();
    expect(exitCode).toBe(1);
    expect(output).toContain('The secret telegram/dev/bot-token could not be read (Credentials');
    expect(output).toContain('--from-secret needs AWS: sign in');
    expect(real.methods()).toEqual([]);
  });
});
