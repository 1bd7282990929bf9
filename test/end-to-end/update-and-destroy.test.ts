import { describe, expect, it } from 'vitest';
import { secretName } from '../fixtures.ts';
import { fakeToken } from '../sandbox/index.ts';
import { kitStack } from './app.ts';
import { newTestBed, setForeignWebhook } from './test-bed.ts';

const testBed = newTestBed();

describe('an update', () => {
  it('registers the webhook again when nothing but the stamp has changed', async () => {
    const { sandbox, bot, ask, methods } = testBed();
    await sandbox.cloudFormation.deploy(kitStack());
    const before = sandbox.telegram.webhook(bot.id);
    const state = await sandbox.cloudFormation.deploy(kitStack());
    expect(state.status).toBe('UPDATE_COMPLETE');
    expect(sandbox.telegram.webhook(bot.id)).toEqual(before);
    expect(methods()).not.toContain('deleteWebhook');
    // There are more when an answer came late and the call was made again.
    expect(methods().filter((method) => method === 'setWebhook').length).toBeGreaterThan(1);
    expect((await ask('still there?')).text).toBe('still there?');
  });

  it('restores a lost webhook, and delivers the updates sent in the meantime', async () => {
    const { sandbox, bot } = testBed();
    await sandbox.cloudFormation.deploy(kitStack());
    await sandbox.network.request(
      new URL(`https://api.telegram.org/bot${bot.token}/deleteWebhook`),
      {
        method: 'POST',
      },
    );
    const chat = sandbox.telegram.chat(bot.id, { id: 7, firstName: 'Between' });
    chat.send('anybody?');
    await sandbox.cloudFormation.deploy(kitStack());
    expect((await chat.nextMessage()).text).toBe('anybody?');
  });

  it('applies changed settings, and resets removed ones', async () => {
    const { sandbox, bot } = testBed();
    await sandbox.cloudFormation.deploy(kitStack());
    await sandbox.cloudFormation.deploy(
      kitStack({ allowedUpdates: ['message', 'chat_member'], maxConnections: 3 }),
    );
    expect(sandbox.telegram.webhook(bot.id)).toMatchObject({
      allowedUpdates: ['message', 'chat_member'],
      maxConnections: 3,
    });
    await sandbox.cloudFormation.deploy(kitStack());
    expect(sandbox.telegram.webhook(bot.id)).toMatchObject({
      allowedUpdates: undefined,
      maxConnections: 40,
    });
  });

  it('is rolled back when it breaks the bot, which keeps answering', async () => {
    const { sandbox, ask } = testBed();
    await sandbox.cloudFormation.deploy(kitStack());
    const state = await sandbox.cloudFormation.deploy(
      kitStack({ entry: 'test/bots/crashes-on-load.ts' }),
    );
    expect(state.status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect((await ask('alive?')).text).toBe('alive?');
  });
});

describe('a destroy', () => {
  it('removes the webhook, the logs and everything else', async () => {
    const { sandbox, bot } = testBed();
    const deployed = await sandbox.cloudFormation.deploy(kitStack());
    const state = await sandbox.cloudFormation.destroy('Kit');
    expect(state.status).toBe('DELETE_COMPLETE');
    expect(sandbox.telegram.webhook(bot.id)).toBeUndefined();
    expect(sandbox.aws.logs.has(deployed.outputs.ReceiverLogGroup ?? '')).toBe(false);
  });

  it('leaves the updates of a bot without a webhook pending', async () => {
    const { sandbox, bot } = testBed();
    await sandbox.cloudFormation.deploy(kitStack());
    await sandbox.cloudFormation.destroy('Kit');
    sandbox.telegram.chat(bot.id, { id: 7, firstName: 'Late' }).send('gone?');
    expect(bot.pending.size).toBe(1);
  });

  it('leaves a webhook alone that is no longer its own', async () => {
    const { sandbox, bot } = testBed();
    await sandbox.cloudFormation.deploy(kitStack());
    const url = await setForeignWebhook(testBed());
    const state = await sandbox.cloudFormation.destroy('Kit');
    expect(state.status).toBe('DELETE_COMPLETE');
    expect(sandbox.telegram.webhook(bot.id)?.url).toBe(url);
  });

  it.each([
    [
      'revoked',
      () => testBed().sandbox.telegram.rotateToken(testBed().bot.id, fakeToken(undefined, 'z')),
    ],
    ['deleted', () => testBed().sandbox.aws.secrets.delete(secretName)],
  ])('does not get stuck on a token that was %s', async (_, lose) => {
    const { sandbox } = testBed();
    await sandbox.cloudFormation.deploy(kitStack());
    lose();
    const state = await sandbox.cloudFormation.destroy('Kit');
    expect(state.status).toBe('DELETE_COMPLETE');
  });
});
