import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { settle } from '../clock.ts';
import { message, SessionStage } from './fixtures.ts';

const ERROR = JSON.stringify({
  message: { errorType: 'Error', errorMessage: 'Boom', updateId: 1 },
});
const SHOWN = '  Error: Boom';
const NOT_DELIVERED = 'Not delivered: Wrong response from the webhook: 500 Internal Server Error';

let stage: SessionStage;
afterEach(() => stage.close());

/** Fails for `throw`, and says anything else back. */
function failForThrow(): void {
  stage.reply((text) => {
    if (text !== 'throw') return message(`${text}!`);
    stage.logs.write('bot', ERROR);
    return undefined;
  });
}

describe('an update that Telegram cannot deliver', () => {
  beforeEach(async () => {
    stage = await SessionStage.open();
    failForThrow();
  });

  it('shows its error once, and then one line for each repetition', async () => {
    await stage.type('throw');
    await settle();
    expect(stage.news()).toEqual([
      SHOWN,
      `${NOT_DELIVERED}. Telegram will deliver the update again at once.`,
      '“throw” failed again (2nd attempt), next attempt in 2 s.',
    ]);
    await stage.stage.clock.advance(2000);
    expect(stage.news()).toEqual(['“throw” failed again (3rd attempt), next attempt in 4 s.']);
  });

  it('holds up the next message, which does not keep the person waiting', async () => {
    await stage.type('throw');
    await settle();
    stage.news();
    await stage.type('hello');
    expect(stage.news()).toEqual([
      '“hello” waits behind “throw”, which will be delivered again in 2 s.',
    ]);
    await stage.type(':waiting');
    expect(stage.news()).toEqual([
      '  “throw” has failed 2 times, 3rd attempt in 2 s',
      '  “hello” waits behind “throw”',
    ]);
    await stage.stage.clock.advance(2000);
    expect(stage.news()).toEqual([
      '“throw” failed again (3rd attempt), next attempt in 4 s, 1 update waits behind it.',
    ]);
  });

  it('is delivered now with :retry', async () => {
    await stage.type('throw');
    await settle();
    stage.news();
    stage.reply((text) => message(`${text} at last`));
    await stage.type(':retry');
    expect(stage.news()).toEqual(['@kit_bot: throw at last']);
    await stage.type(':retry');
    expect(stage.news()).toEqual(['No update waits for another attempt.']);
  });

  it('is dropped with :drop, and the chat goes on', async () => {
    await stage.type('throw');
    await settle();
    await stage.type('hello');
    stage.news();
    await stage.type(':drop');
    expect(stage.news()).toEqual(['Dropped “throw”.', '@kit_bot: hello!']);
    await stage.type(':drop');
    await stage.type(':waiting');
    expect(stage.news()).toEqual(['No update has failed.', 'No update waits.']);
  });

  it('shows another error in full', async () => {
    await stage.type('throw');
    stage.reply(() => {
      stage.logs.write('bot', ERROR.replace('Boom', 'Bang'));
      return undefined;
    });
    await settle();
    stage.news();
    await stage.stage.clock.advance(2000);
    expect(stage.news()[0]).toBe('  Error: Bang');
  });
});

describe('an update behind a queue', () => {
  beforeEach(async () => {
    stage = await SessionStage.open({ queued: true });
    stage.enqueue();
  });

  const failThrow = () => stage.handleQueued((text) => text !== 'throw');
  /** Types a line, and lets the bot handle the queue once it is there. */
  async function typeAndHandle(typed: string): Promise<void> {
    const done = stage.type(typed);
    await settle();
    failThrow();
    await done;
  }

  it('is handled when the bot has handled it, not when Telegram has delivered it', async () => {
    let isOver = false;
    const said = stage.type('hello').then(() => {
      isOver = true;
    });
    await settle();
    expect(isOver).toBe(false);
    failThrow();
    await said;
    expect(stage.news()).toEqual([]);
  });

  it('fails with the time of the next attempt, and holds up what comes behind it', async () => {
    await typeAndHandle('throw');
    expect(stage.news()).toEqual([
      'The bot failed. The queue will deliver the update again in 8 s.',
    ]);
    await stage.stage.clock.advance(3000);
    await stage.type('hello');
    expect(stage.news()).toEqual([
      '“hello” waits behind “throw”, which will be delivered again in 5 s.',
    ]);
  });

  it('holds up what the bot has received together with it', async () => {
    const said = Promise.all([stage.type('throw'), stage.type('hello')]);
    await settle();
    stage.handleQueued((text) => text !== 'throw', { max: 10 });
    await said;
    expect(stage.news()).toEqual([
      'The bot failed. The queue will deliver the update again in 8 s, 1 update waits behind it.',
      '“hello” waits behind “throw”, which will be delivered again in 8 s.',
    ]);
    expect(stage.session.problems).toBe(1);
  });

  it('is delivered now with :retry, and becomes a dead letter after its last attempt', async () => {
    await typeAndHandle('throw');
    await stage.type('hello');
    stage.news();
    await typeAndHandle(':retry');
    expect(stage.news()).toEqual([
      '“throw” failed again (2nd attempt): the update is a dead letter now, see :dead-letters.',
    ]);
    await stage.stage.clock.advance(8000);
    failThrow();
    await stage.type(':dead-letters');
    expect(stage.news()).toEqual([
      expect.stringMatching(/^ {2}“throw” \(update \d+\)$/),
      ':redrive delivers them again.',
    ]);
  });

  it('comes back from the dead letters with :redrive', async () => {
    await typeAndHandle('throw');
    await typeAndHandle(':retry');
    await stage.stage.clock.advance(8000);
    failThrow();
    stage.news();
    const redriven = stage.type(':redrive');
    await settle();
    stage.handleQueued(() => true);
    await redriven;
    expect(stage.news()).toEqual(['Redriving 1 update.']);
    await stage.type(':dead-letters');
    expect(stage.news()).toEqual(['There are no dead letters.']);
  });

  it('is dropped with :drop, and the chat goes on', async () => {
    await typeAndHandle('throw');
    await stage.type('hello');
    stage.news();
    await typeAndHandle(':drop');
    await stage.type(':waiting');
    expect(stage.news()).toEqual(['Dropped “throw”.', 'No update waits.']);
  });
});

it('says once which commands help, where a person can type them', async () => {
  stage = await SessionStage.open({ hints: true });
  failForThrow();
  await stage.type('throw');
  await settle();
  await stage.type('hello');
  const hints = stage.news().filter((text) => text.includes(':retry'));
  expect(hints).toEqual(['  :retry delivers it now, :drop drops it, :waiting shows what waits.']);
});
