import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TelegramFixture, WEBHOOK_HOST, WEBHOOK_URL } from './fixtures.ts';

let stage: TelegramFixture;
beforeEach(async () => {
  stage = await TelegramFixture.open();
  stage.network.serve(WEBHOOK_HOST, (_, response) => response.end());
});
afterEach(() => stage.close());

describe('deleteWebhook', () => {
  it('removes the webhook, and reports when there was none', async () => {
    await stage.setWebhook();
    expect(await stage.call('deleteWebhook')).toMatchObject({
      answer: { ok: true, result: true, description: 'Webhook was deleted' },
    });
    expect(await stage.call('deleteWebhook')).toMatchObject({
      answer: { ok: true, result: true, description: 'Webhook is already deleted' },
    });
  });

  it('keeps pending updates unless told to drop them', async () => {
    stage.bot.chatWith({ id: 1, firstName: 'Ada' }).send('hello');
    await stage.call('deleteWebhook');
    expect(await stage.info()).toMatchObject({ pending_update_count: 1 });
    await stage.call('deleteWebhook', { drop_pending_updates: true });
    expect(await stage.info()).toMatchObject({ pending_update_count: 0 });
  });

  it('ignores a url', async () => {
    await stage.setWebhook();
    await stage.call('deleteWebhook', { url: WEBHOOK_URL });
    expect(stage.telegram.webhook(stage.bot.id)).toBeUndefined();
  });
});

describe('getWebhookInfo', () => {
  it('shows three fields when there is no webhook', async () => {
    expect(await stage.info()).toEqual({
      url: '',
      has_custom_certificate: false,
      pending_update_count: 0,
    });
  });

  it('shows the connections and the address of a webhook, and never the secret', async () => {
    await stage.setWebhook({ secret_token: 'S' });
    expect(await stage.info()).toEqual({
      url: WEBHOOK_URL,
      has_custom_certificate: false,
      pending_update_count: 0,
      max_connections: 40,
      ip_address: expect.stringMatching(/^\d+\.\d+\.\d+\.\d+$/),
    });
  });

  it('shows whether there is a certificate, the fixed IP and the choice of updates', async () => {
    await stage.upload('setWebhook', {
      url: WEBHOOK_URL,
      certificate: Buffer.from('PEM'),
      ip_address: '8.8.8.8',
      allowed_updates: '["message"]',
    });
    expect(await stage.info()).toMatchObject({
      has_custom_certificate: true,
      ip_address: '8.8.8.8',
      allowed_updates: ['message'],
    });
  });
});
