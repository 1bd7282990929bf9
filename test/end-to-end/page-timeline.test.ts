import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BotPage } from '../browser/bot-page.ts';
import { hasBrowser } from '../browser/browser.ts';
import { PageRun } from './page-run.ts';
import { copyToWorkspace } from './workspace.ts';

const ENTRY = ['-c', 'entry=test/bots/shows-everything.ts'];

describe.skipIf(!hasBrowser)('the timeline of a bot', () => {
  let run: PageRun;
  let page: BotPage;
  beforeAll(async () => {
    run = await PageRun.start(ENTRY);
    const permissions = ['clipboard-read', 'clipboard-write'];
    page = new BotPage((await run.open({ permissions })).page);
  });
  afterAll(() => run?.close());

  it('shows the way of an update: delivery, invocation with its log, call', async () => {
    await page.say('/call');
    const update = await page.update('/call', 'handled');
    await update.getByText('200').first().waitFor();
    await update.getByText('Bot/Endpoint/Receiver').first().waitFor();
    await update.getByText('1 log line').click();
    await update.getByText('Calling Telegram').waitFor();
    await page.toggleCall(update, 'sendMessage');
    await update.getByText('"Called"').first().waitFor();
    await page.toggleCall(update, 'sendMessage');
  });

  it('shows the line of the source that threw, and the attempt that succeeded', async () => {
    await page.say('/fail once');
    await page.reads('It works now');
    const update = await page.update('/fail once', 'handled');
    await update.getByText('This bot fails, 1 more').first().waitFor();
    await update
      .getByText(/test\/bots\/shows-everything\.ts:\d+/)
      .first()
      .waitFor();
    await update.getByText('if (failed < times) throw new Error(').waitFor();
    await update.getByText('500').first().waitFor();
    await update.getByText('200').first().waitFor();
  });

  it('shows what waits behind an update that fails, and lets it go on when that is dropped', async () => {
    await page.say('/fail');
    const failing = await page.update('/fail', 'failing');
    await page.say('behind it');
    const waiting = await page.update('behind it', 'waiting');
    await waiting
      .getByText(/behind/)
      .first()
      .waitFor();
    await failing.getByRole('button', { name: 'Drop' }).click();
    await page.reads('You said: behind it');
    await page.update('/fail', 'dropped');
  });

  it('sends an update again', async () => {
    await page.say('again');
    const update = await page.update('again', 'handled');
    await update.getByRole('button', { name: 'Send again' }).click();
    await page.messages('You said: again').nth(1).waitFor();
  });

  it('edits an update and sends it', async () => {
    const update = await page.update('again', 'handled');
    await update.getByRole('button', { name: 'Edit and send' }).click();
    const json = page.dialog.getByRole('textbox');
    await json.fill((await json.inputValue()).replace('"again"', '"edited"'));
    await page.confirm('Send');
    await page.reads('You said: edited');
  });

  it('copies an update as a curl command, which sends it', async () => {
    await page.say('by curl');
    const update = await page.update('by curl', 'handled');
    await update.getByRole('button', { name: 'Copy as curl' }).click();
    const command = await page.clipboard();
    expect(execFileSync('sh', ['-c', command], { encoding: 'utf8' })).toContain('"ok":true');
    await page.messages('You said: by curl').nth(1).waitFor();
  });

  it('copies updates as tests, which pass', async () => {
    const project = copyToWorkspace();
    const bot = "export { handler } from '../test/bots/shows-everything.ts';\n";
    writeFileSync(join(project, 'functions/bot.ts'), bot);
    await page.say('/count');
    await (await page.reads('Counted to 0')).getByRole('button', { name: 'Count' }).click();
    await page.reads('Counted to 1');
    for (const [text, file] of Object.entries({ '/count': 'says', 'presses “Count”': 'presses' })) {
      const update = await page.update(text, 'handled');
      await update.getByRole('button', { name: 'Copy as a test' }).click();
      await page.notice('Copied');
      writeFileSync(join(project, `test/${file}.test.ts`), await page.clipboard());
    }
    const vitest = fileURLToPath(new URL('../../node_modules/vitest/vitest.mjs', import.meta.url));
    const args = [vitest, 'run', '--root', project, '--testTimeout', '100000', 'says', 'presses'];
    const output = execFileSync(process.execPath, args, { encoding: 'utf8' });
    expect(output).toMatch(/2 passed/);
  });

  it('answers the next call with 429, after which Telegram delivers the update again', async () => {
    const earlier = await page.update('/call', 'handled');
    await page.answerNext(earlier, 'sendMessage', 429);
    await page.say('/call');
    await page.reads('Called');
    const update = await page.update('/call', 'handled');
    await update
      .getByText(/Too Many Requests: retry after 5/)
      .first()
      .waitFor();
  });
});

describe.skipIf(!hasBrowser)('the timeline of a bot behind a queue', () => {
  it('shows the attempts, the dead letter and its redrive', async () => {
    const run = await PageRun.start([...ENTRY, '--delivery', 'queued', '-c', 'attempts=2']);
    const page = new BotPage((await run.open()).page);
    await page.say('/fail twice');
    const update = await page.update('/fail twice', 'dead letter');
    await update.getByText('attempt 2 of 2').waitFor();
    await update.getByText('Bot/Queue/Bot').nth(1).waitFor();
    await page.show('State');
    await page.state.getByText('1 dead letter').waitFor();
    await page.state.getByRole('button', { name: 'Redrive' }).click();
    await page.state.getByText('no dead letters').waitFor();
    await page.show('Timeline');
    await page.update('/fail twice', 'handled');
    await page.reads('It works now');
    expect(await run.close()).toMatchObject({ left: [] });
  });
});
