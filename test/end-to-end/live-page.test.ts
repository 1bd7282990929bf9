import { expect, it, onTestFinished } from 'vitest';
import { BotPage } from '../browser/bot-page.ts';
import { hasBrowser, launchBrowser, openTab } from '../browser/browser.ts';
import { OtherTelegram } from '../sandbox/index.ts';
import { LIVE_TOKEN, LiveRun } from './live-run.ts';

const ADA = { id: 42, firstName: 'Ada' };

it.skipIf(!hasBrowser)('the page shows a bot that people use on the real Telegram', async () => {
  const real = await OtherTelegram.open({
    ...{ token: LIVE_TOKEN, username: 'dev_bot', firstName: 'Dev' },
  });
  onTestFinished(() => real.close());
  const chat = real.telegram.chat(real.bot.id, ADA);
  const run = LiveRun.start(real, ['-c', 'entry=test/bots/shows-everything.ts']);
  const browser = await launchBrowser();
  onTestFinished(() => browser.close());
  const [, url = ''] = await run.prints(/^See your bot: (http:\S+)$/m);
  const tab = await openTab(browser, url);
  const page = new BotPage(tab.page);

  await page.page.getByText('Live: write to @dev_bot in Telegram').waitFor();
  chat.send('/call');
  const update = await page.update('/call', 'handled');
  await update.getByText('200').first().waitFor();
  await page.toggleCall(update, 'sendMessage');
  await update.getByText('"Called"').first().waitFor();
  expect((await chat.nextMessage()).text).toBe('Called');

  chat.send('/fail');
  const failing = await page.update('/fail', 'failing');
  chat.send('behind it');
  await page.update('behind it', 'waiting');
  await failing.getByRole('button', { name: 'Drop' }).click();
  await page.update('behind it', 'handled');
  await expect.poll(() => real.unconfirmed(), { timeout: 100_000 }).toEqual([]);

  await page.show('State');
  await page.state.getByText('@dev_bot · TelegramBot-dev/Bot').waitFor();
  const webhook = page.state.getByRole('region', { name: 'getWebhookInfo' });
  await webhook.getByText(`it has no webhook: npm start asks ${real.root} for`).waitFor();
  await webhook.getByText(/^https:\/\/\S+\.amazonaws\.com\b/).waitFor();
  await page.state.getByText('CREATE_COMPLETE').waitFor();
  await tab.expectAccessible();
  tab.expectQuiet();
  await tab.close();
  expect(await run.end()).toContain('→ Ada: “/call”\n');
});
