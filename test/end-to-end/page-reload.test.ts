import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { BotPage } from '../browser/bot-page.ts';
import { hasBrowser } from '../browser/browser.ts';
import { PageRun } from './page-run.ts';
import { copyToWorkspace } from './workspace.ts';

it.skipIf(!hasBrowser)(
  'keeps the pages in step with each other, with the files and with the end of npm start',
  async () => {
    const project = copyToWorkspace();
    const run = await PageRun.start([], project);
    const tabs = [await run.open(), await run.open()] as const;
    const [page, other] = [new BotPage(tabs[0].page), new BotPage(tabs[1].page)];
    const edit = (change: (before: string) => string) => {
      const file = join(project, 'test/bots/echo.ts');
      writeFileSync(file, change(readFileSync(file, 'utf8')));
    };

    await page.say('one');
    await page.reads('one');
    await other.reads('one');

    edit((before) => before.replace('text: message.text', 'text: message.text.toUpperCase()'));
    await Promise.all([page.notice(/reloaded echo\.ts in/), other.notice(/reloaded echo\.ts in/)]);
    await other.say('two');
    await page.reads('TWO');

    edit((before) => `${before}}`);
    await page.dialog.getByText('Unexpected "}"').waitFor();
    await tabs[0].expectAccessible();
    await other.dialog.waitFor();
    // Another tab that is opened now sees it as well.
    const third = await run.open();
    await new BotPage(third.page).dialog.getByText('Unexpected "}"').waitFor();
    await third.close();

    edit((before) => before.slice(0, -1));
    for (const { dialog } of [page, other]) await dialog.waitFor({ state: 'detached' });
    await page.say('three');
    await page.reads('THREE');

    for (const tab of tabs) tab.tolerate(/ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED_ENCODING/);
    expect(await run.end()).toEqual({ exitCode: 0, left: [] });
    await page.page.getByText('npm start has ended').waitFor();
    await tabs[0].expectAccessible();
    await run.close();
  },
);
