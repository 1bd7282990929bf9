import type { Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BotPage } from '../browser/bot-page.ts';
import { hasBrowser } from '../browser/browser.ts';
import type { Tab } from '../browser/tab.ts';
import { PageRun } from './page-run.ts';

const LOOKS = [
  { colorScheme: 'light', width: 1280 },
  { colorScheme: 'dark', width: 1280 },
  { colorScheme: 'light', width: 380 },
  { colorScheme: 'dark', width: 380 },
] as const;

const PANES = ['Chat', 'Timeline', 'State'] as const;

/** Returns the element that has the focus, if nothing shows that. Between the last and the first, nothing has it. */
const WITHOUT_RING = `(() => {
  const { outlineStyle, boxShadow } = getComputedStyle(document.activeElement);
  const isVisible = outlineStyle !== 'none' || boxShadow !== 'none';
  return isVisible || document.activeElement === document.body ? '' : document.activeElement.outerHTML;
})()`;

describe.skipIf(!hasBrowser)('everybody can use the page', () => {
  let run: PageRun;
  let tab: Tab;
  let page: BotPage;
  beforeAll(async () => {
    run = await PageRun.start(['-c', 'entry=test/bots/shows-everything.ts']);
    // Colours are those at the end of a transition.
    tab = await run.open({ reducedMotion: 'reduce' });
    page = new BotPage(tab.page);
    for (const text of ['/start', '/format', '/count', '/keyboard', '/call', '/fail once']) {
      await page.say(text);
      await page.update(text, 'handled');
    }
    await page.say('/fail');
    await page.toggleCall(await page.update('/call', 'handled'), 'sendMessage');
    await page.update('/fail', 'failing');
    await page.say('behind it');
    await page.update('behind it', 'waiting');
  });
  afterAll(() => run?.close());

  describe.each(LOOKS)('$colorScheme, $width pixels wide', ({ colorScheme, width }) => {
    beforeAll(async () => {
      await tab.page.emulateMedia({ colorScheme });
      await tab.page.setViewportSize({ width, height: 800 });
    });

    it.each(PANES)('%s', async (pane) => {
      await page.show(pane);
      await tab.expectAccessible();
      await tab.expectNoHorizontalScroll();
    });

    const dialogs: [string, (typeof PANES)[number], () => Promise<void>][] = [
      [
        'Edit and send',
        'Timeline',
        () => page.updates('/count').getByRole('button', { name: 'Edit and send' }).click(),
      ],
      [
        'Send a file',
        'Chat',
        () =>
          tab.page
            .getByLabel('File to send')
            .setInputFiles({ name: 'a.txt', mimeType: 'text/plain', buffer: Buffer.from('a') }),
      ],
      [
        'Open a group',
        'Chat',
        async () => {
          await tab.page.getByRole('button', { name: 'People and groups' }).click();
          await tab.page.getByRole('button', { name: 'Open a group' }).click();
        },
      ],
    ];
    it.each(dialogs)('the dialog “%s”', async (name, pane, open) => {
      await page.show(pane);
      await open();
      await tab.page.getByRole('dialog', { name }).waitFor();
      await tab.expectAccessible();
      await tab.expectNoHorizontalScroll();
      await tab.page.keyboard.press('Escape');
      await page.dialog.waitFor({ state: 'detached' });
    });
  });

  it('with the keyboard alone, and always sees where they are', async () => {
    await tab.page.setViewportSize({ width: 1280, height: 800 });
    const { keyboard } = tab.page;
    /** Presses Tab until an element has the focus. */
    const tabTo = async (element: Locator): Promise<void> => {
      const isFocused = () => element.evaluate((element) => element.matches(':focus'));
      for (let presses = 0; presses < 300; presses++) {
        if (await isFocused()) return;
        await keyboard.press('Tab');
        expect(await tab.page.evaluate(WITHOUT_RING)).toBe('');
      }
      throw new Error(`Tab does not lead to ${element}`);
    };
    await tabTo(page.updates('/fail').last().getByRole('button', { name: 'Drop' }));
    await keyboard.press('Enter');
    await page.reads('You said: behind it');

    await tabTo(page.messageBox);
    await keyboard.type('/count');
    await keyboard.press('Enter');
    const counter = (await page.reads('Counted to 0')).getByRole('button', { name: 'Count' });
    await tabTo(counter);
    await keyboard.press('Enter');
    await page.reads('Counted to 1');

    await tabTo(tab.page.getByRole('button', { name: 'People and groups' }));
    await keyboard.press('Enter');
    await keyboard.press('Enter');
    await page.dialog.waitFor();
    await keyboard.type('Ada');
    await keyboard.press('Enter');
    await page.isAt('Ada');
    await tabTo(page.messageBox);
    await keyboard.type('hello');
    await keyboard.press('Enter');
    await page.reads('Ada said: hello');

    const edit = page.updates('hello').last().getByRole('button', { name: 'Edit and send' });
    await tabTo(edit);
    await keyboard.press('Enter');
    await page.dialog.waitFor();
    await keyboard.press('Escape');
    await page.dialog.waitFor({ state: 'detached' });
    expect(await edit.evaluate((element) => element.matches(':focus'))).toBe(true);

    await tabTo(tab.page.getByRole('button', { name: 'State', exact: true }));
    await keyboard.press('Enter');
    await tabTo(page.state.getByRole('button', { name: 'Only diagnose' }));
    await keyboard.press('Enter');
    await page.state.getByText('healthy').first().waitFor();
    await tab.expectAccessible();
  });
});
