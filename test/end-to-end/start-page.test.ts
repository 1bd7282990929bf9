import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import type { PageAction, PageEvent } from '../sandbox/index.ts';
import { leftIn, prints, spawnStart, temporaryDirectory } from './start-run.ts';
import { copyToWorkspace } from './workspace.ts';

type EventOf<T extends PageEvent['type']> = Extract<PageEvent, { readonly type: T }>;

/** The events of a page, without a browser. */
async function* connect(url: string): AsyncGenerator<PageEvent> {
  const { body } = await fetch(`${url}events`);
  let rest = '';
  for await (const chunk of body?.pipeThrough(new TextDecoderStream()) ?? []) {
    const parts = (rest + chunk).split('\n\n');
    rest = parts.pop() ?? '';
    for (const part of parts) if (part.startsWith('data: ')) yield JSON.parse(part.slice(6));
  }
}

it('shows the page while the chat is open, with what both and the saved files do', async () => {
  const project = copyToWorkspace();
  const directory = temporaryDirectory();
  const child = spawnStart(directory, [], project);
  const output = Promise.all([text(child.stdout), text(child.stderr)]);
  const exited = once(child, 'exit');
  const url = await new Promise<string>((resolve) => {
    let printed = '';
    child.stderr.on('data', (chunk) => {
      printed += chunk;
      const [, found] = /^See your bot: (\S+)\n/m.exec(printed) ?? [];
      if (found) resolve(found);
    });
  });
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/[\w-]{43}\/$/);

  const events = connect(url);
  /** Resolves with the next event that fits. */
  async function next<T extends PageEvent['type']>(
    type: T,
    fits: (event: EventOf<T>) => boolean = () => true,
  ): Promise<EventOf<T>> {
    for (;;) {
      const { done, value } = await events.next();
      if (done) throw new Error(`The page ended without ${type}`);
      if (value.type === type && fits(value as EventOf<T>)) return value as EventOf<T>;
    }
  }
  const act = async (action: PageAction) => {
    const response = await fetch(`${url}actions`, {
      ...{ method: 'POST', headers: { 'content-type': 'application/json' } },
      body: JSON.stringify(action),
    });
    expect(await response.json()).toMatchObject({ ok: true });
  };
  const edit = (path: string, change: (before: string) => string) => {
    const file = join(project, path);
    writeFileSync(file, change(readFileSync(file, 'utf8')));
  };

  const { state } = await next('snapshot');
  const [bot] = state.bots;
  const [place] = state.places;
  if (!bot || !place) throw new Error('The page shows no bot');
  expect(bot).toMatchObject({ username: 'sandbox_bot', isTokenValid: true });
  expect(state.stacks).toMatchObject([{ name: 'TelegramBot-dev', status: 'CREATE_COMPLETE' }]);
  await next('bot', (event) => event.bot.diagnosis?.condition === 'healthy');

  const inTerminal = prints(child, '@sandbox_bot: from the page');
  await act({ do: 'send', placeId: place.id, text: 'from the page' });
  await next('message', ({ message }) => message.from?.id === place.person.id);
  await next('message', ({ message }) => message.from?.id === bot.id);
  await next('entry', ({ entry }) => entry.kind === 'update' && entry.status === 'handled');
  await inTerminal;
  child.stdin.write(':group Tea\n');
  await next('place', (event) => event.place.chat.title === 'Tea');

  edit('test/bots/echo.ts', (before) => `${before}}`);
  const { problem } = await next('problem');
  expect(problem).toMatchObject({ kind: 'build', text: expect.stringContaining('Unexpected "}"') });
  edit('test/bots/echo.ts', (before) => before.slice(0, -1));
  expect(await next('problem')).toEqual({ type: 'problem' });
  expect((await next('notice')).text).toMatch(/^reloaded echo\.ts in \d+ ms$/);

  const app = 'test/end-to-end/start-app.ts';
  const saveApp = () => edit('infra/app.ts', (before) => `${before}\n`);
  edit(app, (before) => `throw new Error('not today');\n${before}`);
  saveApp();
  const { problem: synthesis } = await next('problem');
  expect(synthesis).toMatchObject({
    kind: 'synthesis',
    text: expect.stringContaining('not today'),
  });
  edit(app, (before) =>
    before
      .replace("throw new Error('not today');\n", '')
      .replace("context('second') === 'true'", 'true'),
  );
  saveApp();
  await next('stacks', ({ stacks }) => stacks[1]?.status === 'CREATE_IN_PROGRESS');
  expect((await next('problem')).problem).toBeUndefined();
  await next('bot', (event) => event.bot.username === 'sandbox2_bot');

  await act({ do: 'delete webhook', botId: bot.id });
  await next('bot', (event) => event.bot.diagnosis?.condition === 'missing');
  await act({ do: 'run watch', botId: bot.id });
  await next('bot', (event) => event.bot.webhookInfo.url === bot.webhookInfo.url);

  await act({ do: 'revoke token', botId: bot.id });
  await next('bot', (event) => event.bot.diagnosis?.condition === 'token-revoked');
  await act({ do: 'set foreign webhook', botId: bot.id });
  child.stdin.end();
  for await (const _ of events);
  const [exitCode] = await exited;
  const [stdout, stderr] = await output;
  expect(stderr).toContain(
    "@sandbox_bot keeps the webhook at another-deployment.example.com that the page has set: a destroy removes only the app's own.",
  );
  expect(stderr).toContain('@sandbox2_bot no longer has a webhook. Nothing is left.');
  expect(stdout).toContain('You are in Tea.');
  expect(exitCode).toBe(0);
  expect(leftIn(directory)).toEqual([]);
});
