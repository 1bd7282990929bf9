import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BotPage } from '../browser/bot-page.ts';
import { hasBrowser } from '../browser/browser.ts';
import { PageRun } from './page-run.ts';

describe.skipIf(!hasBrowser)('the state of a bot on the page', () => {
  let run: PageRun;
  let page: BotPage;
  beforeAll(async () => {
    run = await PageRun.start();
    page = new BotPage((await run.open()).page);
    await page.show('State');
  });
  afterAll(async () => {
    expect(await run?.close()).toMatchObject({ left: [] });
  });

  const press = (name: string) => page.state.getByRole('button', { name }).click();
  /** Resolves when the watch says this condition. */
  const finds = (condition: string) =>
    page.state
      .getByRole('region', { name: 'Watch' })
      .getByText(condition, { exact: true })
      .waitFor();
  const shows = (text: string | RegExp) => page.state.getByText(text).first().waitFor();

  it("shows getWebhookInfo in Telegram's words, and the stack", async () => {
    await shows('pending_update_count');
    await shows(/^https:\/\/\S+\.amazonaws\.com\b/);
    await shows('CREATE_COMPLETE');
    expect(await page.state.textContent()).not.toMatch(/\d{6,}:[\w-]{30,}/);
  });

  it('shows how the watch sets a deleted webhook again', async () => {
    await press('Delete the webhook');
    await shows('none: no webhook is set');
    await press('Run the watch now');
    await shows(/^https:\/\/\S+\.amazonaws\.com\b/);
    await press('Only diagnose');
    await finds('healthy');
    await page.say('healed');
    // The person's own message, and the answer.
    await page.messages('healed').nth(1).waitFor();
  });

  it('shows that the watch never touches a foreign webhook', async () => {
    await press('Set a foreign webhook');
    await press('Run the watch now');
    await finds('foreign');
    await press('Delete the webhook');
    await press('Run the watch now');
    await press('Only diagnose');
    await finds('healthy');
  });

  it('shows what follows from a revoked token, and from the new one in the secret', async () => {
    await press('Revoke the token');
    await shows('Telegram refuses the token in the secret');
    await press('Only diagnose');
    await finds('token-revoked');
    await press('Store the new token');
    await shows('Telegram accepts the token in the secret');
  });
});
