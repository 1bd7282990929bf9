/** `npm run screenshots`: takes the README's pictures of the page, of a conversation in which a call fails once. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { PageRun } from '../end-to-end/page-run.ts';
import setup from '../temporary-directory.ts';
import { BotPage } from './bot-page.ts';

const FOLDER = new URL('../../.github/images/', import.meta.url);

/** Chats until there is something to see: buttons, an edited message, a refused call and the attempt after it. */
async function play(page: BotPage): Promise<void> {
  await page.say('/start');
  const welcome = await page.reads('Which tea');
  await welcome.getByRole('button', { name: 'Green' }).click();
  await page.reads('ready in four minutes');
  const start = await page.update('/start', 'handled');
  await page.answerNext(start, 'sendMessage', 429);
  const wish = 'A table by the window, please';
  await page.say(wish);
  await page.reads('the window is yours');
  await page.update(wish, 'handled');
  await page.dismissNotices();
  const follow = page.page.getByRole('button', { name: 'Follow', pressed: false });
  if (await follow.isVisible()) await follow.click();
  await page.page.mouse.move(0, 0);
}

const removeTemporary = setup();
try {
  const run = await PageRun.start(['-c', 'entry=test/bots/sells-tea.ts']);
  try {
    const tab = await run.open({ viewport: { width: 1200, height: 720 }, reducedMotion: 'reduce' });
    const page = new BotPage(tab.page);
    await play(page);
    mkdirSync(FOLDER, { recursive: true });
    for (const colorScheme of ['light', 'dark'] as const) {
      await tab.page.emulateMedia({ colorScheme });
      const file = new URL(`page-${colorScheme}.png`, FOLDER);
      writeFileSync(file, await tab.page.screenshot({ caret: 'hide' }));
      console.log(fileURLToPath(file));
    }
  } finally {
    await run.close();
  }
} finally {
  removeTemporary();
}
