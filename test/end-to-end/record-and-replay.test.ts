import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { appendFileSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { fakeToken, OtherTelegram } from '../sandbox/index.ts';
import { leftIn, prints, runStart, spawnStart, temporaryDirectory } from './start-run.ts';
import { copyToWorkspace } from './workspace.ts';

const BOT = 'test/bots/answers-in-many-ways.ts';
const PATH = 'TelegramBot-dev/Bot';

let project: string;
let original: string;
beforeAll(async () => {
  project = copyToWorkspace();
  original = readFileSync(join(project, BOT), 'utf8');
  const recorded = await start(
    ['--record', 'chat.jsonl'],
    'hello\n/start\n:1\n:photo\ntoken\nthrow\n',
  );
  expect(recorded.stderr).toContain('Recorded 6 updates with 8 calls in chat.jsonl\n');
});
afterEach(() => writeFileSync(join(project, BOT), original));
afterAll(() => rmSync(dirname(dirname(project)), { recursive: true }));

function start(args: string[], input = '') {
  return runStart(input, { project, args: ['-c', `entry=${BOT}`, ...args] });
}

/** Changes the code of the bot, until the test ends. */
function edit(...changes: readonly (readonly [from: string, to: string])[]): void {
  let code = original;
  for (const [from, to] of changes) {
    expect(code).toContain(from);
    code = code.replace(from, to);
  }
  writeFileSync(join(project, BOT), code);
}

const linesOf = (file: string) =>
  readFileSync(join(project, file), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

/** Returns the content of the one file that an update's line has. */
function pictureIn({ files }: { readonly files: Readonly<Record<string, string>> }): Buffer {
  const [content = '', ...others] = Object.values(files);
  expect([content.length > 0, others]).toEqual([true, []]);
  return Buffer.from(content, 'base64');
}

describe('npm start -- --record', () => {
  it('writes a line for each update with its calls and their answers, for the owner only', () => {
    const [header, ...updates] = linesOf('chat.jsonl');
    expect(header).toMatchObject({
      recording: 1,
      bots: [{ path: PATH, username: 'sandbox_bot', delivery: 'direct' }],
    });
    expect(updates.map(({ calls }) => calls.map(({ method }: never) => method))).toEqual([
      ['sendMessage'],
      ['sendChatAction', 'sendMessage', 'sendMessage'],
      ['answerCallbackQuery'],
      ['getFile', 'sendDocument'],
      ['sendMessage'],
      [],
    ]);
    expect(updates[0]).toMatchObject({
      bot: PATH,
      update: { message: { text: 'hello', from: { first_name: 'You' } } },
      calls: [
        {
          via: 'webhook reply',
          parameters: { chat_id: 1001, text: 'You said hello' },
          answer: { ok: true, result: { text: 'You said hello' } },
        },
      ],
    });
    expect(updates[3].calls[1].parameters.document).toEqual({
      file: {
        ...{ name: 'picture.jpg', bytes: expect.any(Number) },
        sha256: createHash('sha256').update(pictureIn(updates[3])).digest('hex'),
      },
    });
    expect(updates[4].calls[0].parameters.text).toBe('<token>');
    expect(updates[5].failed).toMatch(/^Error: As you wish/);
    const file = join(project, 'chat.jsonl');
    expect(readFileSync(file, 'utf8')).not.toContain('FAKE-TOKEN');
    if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('refuses a file that exists, before it deploys anything', async () => {
    const run = await start(['--record', 'chat.jsonl'], 'hello\n');
    expect(run).toMatchObject({
      ...{ exitCode: 1, stdout: '', left: [] },
      stderr: 'chat.jsonl exists. Record to another file, or move it away first.\n',
    });
  });

  it('leaves a recording that can be replayed when it is interrupted', async () => {
    const directory = temporaryDirectory();
    const args = ['-c', `entry=${BOT}`, '--record', 'interrupted.jsonl'];
    const child = spawnStart(directory, args, project);
    const output = Promise.all([text(child.stdout), text(child.stderr)]);
    const answered = prints(child, 'You said hello');
    child.stdin.write('hello\n');
    await answered;
    child.kill('SIGINT');
    const [exitCode] = await once(child, 'exit');
    const [, stderr] = await output;
    expect(stderr).toContain('Recorded 1 update with 1 call in interrupted.jsonl\n');
    expect([exitCode, leftIn(directory)]).toEqual([130, []]);
    expect(linesOf('interrupted.jsonl')).toHaveLength(2);
  });

  it('leaves no file when nothing is deployed', async () => {
    const run = await start(['--record', 'nothing.jsonl', '--delivery', 'wrong'], 'hello\n');
    expect([run.exitCode, existsSync(join(project, 'nothing.jsonl'))]).toEqual([1, false]);
  });

  it('leaves no file when nothing is said, and says so', async () => {
    const run = await start(['--record', 'silent.jsonl']);
    expect([run.exitCode, existsSync(join(project, 'silent.jsonl'))]).toEqual([0, false]);
    expect(run.stderr).toContain('The bot has finished no update, so there is no silent.jsonl\n');
  });
});

describe('npm start -- --replay', () => {
  const unchanged = { exitCode: 0, left: [], stdout: '6 updates: 6 unchanged, 0 changed\n' };

  it.each(['direct', 'queued'])(
    'prints only a summary if the bot does the same, with %s delivery',
    async (delivery) => {
      const run = await start(['--replay', 'chat.jsonl', '--delivery', delivery]);
      expect(run).toMatchObject(unchanged);
    },
  );

  it('finds one changed answer and nothing else', async () => {
    edit(['You said', 'I heard']);
    const run = await start(['--replay', 'chat.jsonl']);
    expect(run.stdout.split('\n')).toEqual([
      `chat.jsonl:2 “hello” from You to ${PATH}`,
      '  changed sendMessage',
      '    - text: "You said hello"',
      '    + text: "I heard hello"',
      '6 updates: 5 unchanged, 1 changed',
      '',
    ]);
    expect(run).toMatchObject({ exitCode: 1, left: [] });
  });

  it('ignores the parameters that --replay-ignore names', async () => {
    edit(['You said', 'I heard']);
    const ignoring = ['--replay-ignore', 'sendMessage.text'];
    expect(await start(['--replay', 'chat.jsonl', ...ignoring])).toMatchObject(unchanged);
  });

  it('records again, for an intended change', async () => {
    edit(['You said', 'I heard']);
    const args = ['--replay', 'chat.jsonl', '--record', 'again.jsonl'];
    expect((await start(args)).exitCode).toBe(1);
    expect(await start(['--replay', 'again.jsonl'])).toMatchObject(unchanged);
  });

  it('finds calls that are added, missing or in another order, and failures that come and go', async () => {
    edit(
      ["if (text === 'throw') throw new Error('As you wish')", "if (text === 'hello') find()"],
      ["await api.call('sendChatAction', { chat_id, action: 'typing' });\n", ''],
      [
        "    return {\n      ...{ method: 'sendM",
        "    await api.call('sendChatAction', { chat_id, action: 'typing' });\n    return {\n      ...{ method: 'sendM",
      ],
      ["text: 'Press me'", "text: 'Press here'"],
      [
        "return { method: 'answerCallbackQuery', callback_query_id: press.id, text: 'Pressed' };",
        'return undefined;',
      ],
      [
        'const document =',
        "await api.call('getChat', { chat_id }).catch(() => {});\n    const document =",
      ],
    );
    appendFileSync(
      join(project, BOT),
      "\nfunction find(): never {\n  throw new TypeError('No');\n}\n",
    );
    const run = await start(['--replay', 'chat.jsonl']);
    expect(run.stdout.split('\n')).toEqual([
      `chat.jsonl:2 “hello” from You to ${PATH}`,
      '  missing sendMessage {"chat_id":1001,"text":"You said hello"}',
      expect.stringMatching(
        /^ {2}fails now: TypeError: No at test\/bots\/answers-in-many-ways\.ts:\d+$/,
      ),
      `chat.jsonl:3 “/start” from You to ${PATH}`,
      '  moved from 1 to 2: sendChatAction {"chat_id":1001,"action":"typing"}',
      '  changed sendMessage',
      '    - reply_markup.inline_keyboard.0.0.text: "Press me"',
      '    + reply_markup.inline_keyboard.0.0.text: "Press here"',
      `chat.jsonl:4 the button “Press me” from You to ${PATH}`,
      expect.stringMatching(
        /^ {2}missing answerCallbackQuery \{"callback_query_id":"?\d+"?,"text":"Pressed"\}$/,
      ),
      `chat.jsonl:5 “[photo, 1×1]” from You to ${PATH}`,
      '  added getChat {"chat_id":1001}',
      '  note: getChat is not in the recording, and was answered with 501',
      `chat.jsonl:7 “throw” from You to ${PATH}`,
      '  added sendMessage {"chat_id":1001,"text":"You said throw"}',
      expect.stringMatching(/^ {2}no longer fails, as it did with: Error: As you wish/),
      '6 updates: 1 unchanged, 5 changed',
      '',
    ]);
    expect(run).toMatchObject({ exitCode: 1, left: [] });
  });

  it('goes on after an update that fails, and says that a file is not in the recording', async () => {
    const [header, hello, , , photo, , failing] = readFileSync(
      join(project, 'chat.jsonl'),
      'utf8',
    ).split('\n');
    const { files, ...withoutFiles } = JSON.parse(photo ?? '');
    const again = failing?.replace(/("update_id":)\d+/, '$11');
    const order = [header, failing, hello, JSON.stringify(withoutFiles), again];
    writeFileSync(join(project, 'order.jsonl'), `${order.join('\n')}\n`);
    edit(["'Your photo'", 'String(picture.status)']);
    const ignoring = ['--replay-ignore', 'sendDocument.document'];
    const run = await start(['--replay', 'order.jsonl', '--delivery', 'queued', ...ignoring]);
    expect(run.stdout.split('\n')).toEqual([
      `order.jsonl:4 “[photo, 1×1]” from You to ${PATH}`,
      '  changed sendDocument',
      '    - caption: "Your photo"',
      '    + caption: "404"',
      `  note: ${Object.keys(files)[0]} is not in the recording, and was answered with 404`,
      '4 updates: 3 unchanged, 1 changed',
      '',
    ]);
  });

  it.each(['direct', 'queued'])(
    'tries an update as often as it took, and names one that is no longer delivered (%s)',
    async (delivery) => {
      const [header, hello] = linesOf('chat.jsonl');
      const { message_id, chat, date, from } = hello.update.message;
      const atLast = { ...hello.calls[0], parameters: { chat_id: chat.id, text: 'at last' } };
      const reaction = { chat, message_id, date, user: from, old_reaction: [], new_reaction: [] };
      const updates = [
        { ...hello, attempts: 3, calls: [atLast] },
        { ...hello, update: { update_id: 1, message_reaction: reaction }, calls: [] },
      ];
      const lines = [header, ...updates].map((line) => `${JSON.stringify(line)}\n`);
      writeFileSync(join(project, 'attempts.jsonl'), lines.join(''));
      const entry = ['-c', 'entry=test/bots/fails-twice.ts'];
      const run = await start([...entry, '--replay', 'attempts.jsonl', '--delivery', delivery]);
      expect(run.stdout.split('\n')).toEqual([
        `attempts.jsonl:3 the message reaction 1 from You to ${PATH}`,
        "  fails now: the webhook's allowedUpdates do not include message_reaction",
        '2 updates: 1 unchanged, 1 changed',
        '',
      ]);
    },
  );

  it('replays every bot of an app, behind a queue too', async () => {
    const bots = ['-c', 'second=true', '-c', 'own=true', '--delivery', 'queued'];
    await start([...bots, '--record', 'two.jsonl'], 'hello\n:bot second\nwho\n');
    const [header, ...updates] = linesOf('two.jsonl');
    expect(header.bots).toMatchObject([
      { path: 'Mine/Support', delivery: 'queued' },
      { path: 'Second/Bot', delivery: 'direct' },
    ]);
    expect(updates.map(({ bot }) => bot)).toEqual(['Mine/Support', 'Second/Bot']);
    expect(await start([...bots, '--replay', 'two.jsonl'])).toMatchObject({
      ...{ exitCode: 0, left: [] },
      stdout: '2 updates: 2 unchanged, 0 changed\n',
    });
  });

  it('replays what a person said to the bot on the real Telegram, with a file', async () => {
    const token = fakeToken(7_123_456_789);
    const real = await OtherTelegram.open({ token, username: 'dev_bot', firstName: 'Dev' });
    onTestFinished(() => real.close());
    const directory = temporaryDirectory();
    const live = ['--live', '--telegram-api-root', real.root, '--record', 'live.jsonl'];
    const child = spawnStart(directory, ['-c', `entry=${BOT}`, ...live], project);
    const output = Promise.all([text(child.stdout), text(child.stderr)]);
    const ready = prints(child, 'Ctrl-C ends it.');
    child.stdin.write(`${token}\n`);
    await ready;
    const ada = real.telegram.chat(real.bot.id, { id: 42, firstName: 'Ada' });
    ada.sendPhoto();
    expect(await ada.nextMessage()).toMatchObject({ caption: 'Your photo' });
    ada.send('hello');
    expect(await ada.nextMessage()).toMatchObject({ text: 'You said hello' });
    await expect.poll(() => real.unconfirmed(), { timeout: 100_000 }).toEqual([]);
    child.kill('SIGINT');
    const [, stderr] = await output;
    expect(stderr).toContain('Recorded 2 updates with 3 calls in live.jsonl\n');
    const [header, photo] = linesOf('live.jsonl');
    expect(header.bots).toMatchObject([{ path: PATH, id: real.bot.id, username: 'dev_bot' }]);
    expect(pictureIn(photo).length).toBeGreaterThan(0);
    expect(readFileSync(join(project, 'live.jsonl'), 'utf8')).not.toContain('FAKE-TOKEN');
    expect(await start(['--replay', 'live.jsonl'])).toMatchObject({
      ...{ exitCode: 0, left: [] },
      stdout: '2 updates: 2 unchanged, 0 changed\n',
    });
  });

  it('says at an interruption how far it came', async () => {
    edit(
      ['You said', 'I heard'],
      [
        "if (text === '/start') {",
        "if (text === '/start') {\n    await new Promise((resolve) => setTimeout(resolve, 600_000));",
      ],
    );
    const run = await runStart('', {
      project,
      args: ['-c', `entry=${BOT}`, '--replay', 'chat.jsonl'],
      async during(child) {
        await prints(child, 'I heard');
        child.kill('SIGINT');
      },
    });
    expect(run).toMatchObject({ exitCode: 130, left: [] });
    expect(run.stdout).toMatch(/\n1 update: 0 unchanged, 1 changed, 5 not replayed\n$/);
  });

  it('exits with 2 for a recording of bots that the app does not have', async () => {
    const recorded = readFileSync(join(project, 'chat.jsonl'), 'utf8');
    writeFileSync(join(project, 'others.jsonl'), recorded.replaceAll(PATH, 'Shop/Other'));
    const run = await start(['--replay', 'others.jsonl', '-c', 'second=true']);
    expect(run).toMatchObject({ exitCode: 2, stdout: '', left: [] });
    expect(run.stderr).toMatch(/^The recording has updates for Shop\/Other, and the app has /m);
  });

  it.each([
    ['package.json', 'package.json:1: '],
    ['missing.jsonl', 'The recording cannot be read: ENOENT'],
    ['broken.jsonl', 'broken.jsonl:3: the line is not JSON: '],
  ])('exits with 2 for %s, before it deploys anything', async (file, message) => {
    const [header, hello] = readFileSync(join(project, 'chat.jsonl'), 'utf8').split('\n');
    writeFileSync(join(project, 'broken.jsonl'), `${header}\n${hello}\n${hello?.slice(0, 50)}\n`);
    const run = await start(['--replay', file]);
    expect(run.stderr.startsWith(message)).toBe(true);
    expect(run).toMatchObject({ exitCode: 2, stdout: '', left: [] });
  });
});
