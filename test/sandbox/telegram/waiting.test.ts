import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DeliveryStage, messageIn } from './fixtures.ts';

let stage: DeliveryStage;

beforeEach(async () => {
  stage = await DeliveryStage.open();
  await stage.setWebhook();
});

afterEach(() => stage.close());

const texts = () =>
  stage.telegram.waiting(stage.bot.id).map(({ update }) => update.message?.text ?? '');

/** Lets the endpoint fail twice: after that, the update waits for two seconds. */
async function failTwice(text: string): Promise<number> {
  const id = stage.deliver(messageIn(1, text)) as number;
  for (let attempt = 0; attempt < 2; attempt++) (await stage.network.next()).answer(500);
  await stage.network.nothingMore();
  return id;
}

describe('updates that wait', () => {
  it('show how often they have failed, and when the next attempt is due', async () => {
    await failTwice('first');
    stage.deliver(messageIn(1, 'second'));
    const [first, second] = stage.telegram.waiting(stage.bot.id);
    expect(first).toMatchObject({ failures: 2, nextAttemptAt: stage.clock.now() + 2000 });
    expect(first?.behind).toBeUndefined();
    expect(second).toMatchObject({ failures: 0, nextAttemptAt: undefined });
    expect(second?.behind).toBe(first?.update);
  });

  it('have no next attempt while one is in progress', async () => {
    stage.deliver(messageIn(1, 'first'));
    await stage.network.next();
    expect(stage.telegram.waiting(stage.bot.id)).toMatchObject([
      { failures: 0, nextAttemptAt: undefined, behind: undefined },
    ]);
  });

  it('are none without a webhook', async () => {
    await failTwice('first');
    stage.telegram.eraseWebhook(stage.bot.id);
    expect(texts()).toEqual([]);
  });
});

describe('an update that fails', () => {
  it('is delivered at once on request, and otherwise when its time comes', async () => {
    await failTwice('first');
    stage.telegram.retry(stage.bot.id);
    (await stage.network.next()).answer(500);
    await stage.network.nothingMore();
    expect(stage.telegram.waiting(stage.bot.id)).toMatchObject([
      { failures: 3, nextAttemptAt: stage.clock.now() + 4000 },
    ]);
    await stage.clock.advance(4000);
    expect((await stage.network.next()).update.message?.text).toBe('first');
  });

  it('can be dropped, and the next one of its chat is delivered', async () => {
    const id = await failTwice('first');
    stage.deliver(messageIn(1, 'second'));
    expect(stage.telegram.drop(stage.bot.id, id)).toBe(true);
    expect((await stage.network.next()).update.message?.text).toBe('second');
    expect(stage.telegram.drop(stage.bot.id, id)).toBe(false);
  });

  it('can be dropped during an attempt, whose failure then starts no other', async () => {
    const id = stage.deliver(messageIn(1, 'first')) as number;
    stage.deliver(messageIn(1, 'second'));
    const arrival = await stage.network.next();
    stage.telegram.drop(stage.bot.id, id);
    arrival.answer(500);
    expect((await stage.network.next()).update.message?.text).toBe('second');
  });

  it('can stay when one behind it is dropped', async () => {
    await failTwice('first');
    const second = stage.deliver(messageIn(1, 'second')) as number;
    stage.telegram.drop(stage.bot.id, second);
    expect(texts()).toEqual(['first']);
  });
});
