import { Duration } from 'aws-cdk-lib';
import { describe, expect, it, vi } from 'vitest';
import { Delivery } from '../../infra/settings/delivery.ts';
import { BotApiError, type DeliveryReport, refusal, type StackState } from '../sandbox/index.ts';
import { kitStack } from './app.ts';
import { newTestBed } from './test-bed.ts';

const testBed = newTestBed({ waits: true });

const queued = { delivery: Delivery.queued() };

describe('queued delivery', () => {
  it('answers what Telegram delivers with a call of its own', async () => {
    const { sandbox, bot, ask, methods } = testBed();
    const state = await sandbox.cloudFormation.deploy(kitStack(queued));
    expect(state.status).toBe('CREATE_COMPLETE');
    expect((await ask('hello')).text).toBe('hello');
    await until(() => bot.pending.size === 0);
    const calls = sandbox.telegram.calls.filter(({ method }) => method === 'sendMessage');
    expect(calls.map(({ via }) => via)).toEqual(['http']);
    expect(methods()).not.toContain('deleteWebhook');
    expect((await sandbox.cloudFormation.destroy('Kit')).status).toBe('DELETE_COMPLETE');
    expect(sandbox.telegram.webhook(bot.id)).toBeUndefined();
  });

  it('passes an update to the bot once, even if Telegram delivers it again', async () => {
    const { sandbox, ask } = testBed();
    await sandbox.cloudFormation.deploy(kitStack(queued));
    const deliveries = reports();
    await ask('first');
    await until(() => deliveries.length > 0);
    const [first] = deliveries;
    expect(await deliverAgain(first)).toBe(200);
    expect(await deliverAgain(first)).toBe(200);
    // A later message in the same chat is answered after any second answer to the first.
    await ask('second');
    expect(answers()).toEqual(['first', 'second']);
  });

  it('lets a bot take 20 seconds without a second delivery', async () => {
    const { sandbox, ask } = testBed();
    await sandbox.cloudFormation.deploy(
      kitStack({
        ...queued,
        entry: 'test/bots/slow.ts',
        timeout: Duration.minutes(1),
      }),
    );
    const deliveries = reports();
    expect((await ask('take your time')).text).toBe('take your time');
    await until(() => deliveries.length > 0);
    expect(deliveries.map(({ problem }) => problem)).toEqual([undefined]);
    expect(answers()).toEqual(['take your time']);
  });

  it('ends work that ran out of time, so that it never lands behind a later update of its chat', async () => {
    const { sandbox, bot, ask } = testBed();
    await sandbox.cloudFormation.deploy(
      kitStack({
        delivery: Delivery.queued({ maxAttempts: 1 }),
        entry: 'test/bots/overtakes.ts',
        timeout: Duration.seconds(20),
      }),
    );
    sandbox.telegram.chat(bot.id, { id: 42, firstName: 'Ada' }).send('late');
    // It is answered once the update before it is a dead letter; by then the late answer would have landed.
    expect((await ask('in time')).text).toBe('in time');
    await sandbox.clock.sleep(10_000);
    expect(answers()).toEqual(['in time']);
    expect(sandbox.aws.logs.lines().some((line) => line.includes('batch.unfinished'))).toBe(true);
  });

  it('retries a failed update after seconds, and not after its visibility timeout', async () => {
    const { sandbox, ask } = testBed();
    await sandbox.cloudFormation.deploy(
      kitStack({ ...queued, entry: 'test/bots/fails-twice.ts', timeout: Duration.minutes(1) }),
    );
    const started = sandbox.clock.now();
    expect((await ask('hello')).text).toBe('at last');
    // Two visibility timeouts would be twelve minutes.
    expect(sandbox.clock.now() - started).toBeLessThan(6 * 60_000);
  });

  it('answers 500 while the queue is unavailable, so Telegram keeps the update', async () => {
    const { sandbox, ask } = testBed();
    await sandbox.cloudFormation.deploy(kitStack(queued));
    const deliveries = reports();
    let outages = 4;
    sandbox.aws.sqs.intercept = () =>
      outages-- > 0 ? { status: 500, body: { __type: 'InternalFailure' } } : undefined;
    expect((await ask('is it there yet?')).text).toBe('is it there yet?');
    await until(() => deliveries.length > 2);
    const problem = 'Wrong response from the webhook: 500 Internal Server Error';
    expect(deliveries.map((report) => report.problem)).toEqual([problem, problem, undefined]);
  });

  it('continues in a chat after Telegram has permanently refused an answer', async () => {
    const { sandbox, ask } = testBed();
    await sandbox.cloudFormation.deploy(kitStack(queued));
    sandbox.telegram.intercept = ({ method, parameters }) => {
      if (method !== 'sendMessage' || parameters.text('text') !== 'one') return undefined;
      return refusal(new BotApiError(403, 'Forbidden: bot was blocked by the user'));
    };
    const chat = sandbox.telegram.chat(testBed().bot.id, { id: 42, firstName: 'Ada' });
    chat.send('one');
    expect((await ask('two')).text).toBe('two');
    const lines = sandbox.aws.logs.lines().filter((line) => line.includes('call.refused'));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('bot was blocked by the user');
  });

  it.each([
    ['crashes', 'Error'],
    ['hangs', 'NoAnswer'],
  ])(
    'fails the deploy of a bot that %s on load, although no request waits for its answer',
    async (what, error) => {
      const { sandbox, bot } = testBed();
      const state = await sandbox.cloudFormation.deploy(
        kitStack({ ...queued, entry: `test/bots/${what}-on-load.ts` }),
      );
      expect(state.status).toBe('ROLLBACK_COMPLETE');
      expect(state.reason).toContain(`crashes on load, or times out (${error}). Run \`npm start`);
      expect(sandbox.telegram.webhook(bot.id)).toBeUndefined();
    },
  );
});

describe('a poison update', () => {
  it('becomes a dead letter while its chat continues, and can be redriven to a fixed bot', async () => {
    const { sandbox, bot, ask } = testBed();
    const twice = { delivery: Delivery.queued({ maxAttempts: 2 }) };
    const { DeadLetterQueueUrl = '' } = await deployed(
      kitStack({ ...twice, entry: 'test/bots/poisoned.ts' }),
    );
    sandbox.aws.eventSources.retriesAtOnce = true;
    const chat = sandbox.telegram.chat(bot.id, { id: 42, firstName: 'Ada' });
    chat.send('poison');
    expect((await ask('afterwards')).text).toBe('afterwards');
    const deadLetters = sandbox.aws.sqs.queue(DeadLetterQueueUrl);
    expect(deadLetters.size).toBe(1);

    await deployed(kitStack(twice));
    sandbox.aws.sqs.redrive(DeadLetterQueueUrl);
    // A call that times out on a busy machine is made again: "afterwards" may come twice.
    while ((await chat.nextMessage()).text !== 'poison');
    expect(deadLetters.size).toBe(0);
  });
});

describe('a change of delivery', () => {
  it('keeps the endpoint, and the bot answers after each change, there and back', async () => {
    const { sandbox, bot, ask } = testBed();
    const before = await deployed(kitStack());
    expect((await ask('direct')).text).toBe('direct');
    const url = sandbox.telegram.webhook(bot.id)?.url;
    const between = await deployed(kitStack(queued));
    expect((await ask('queued')).text).toBe('queued');
    const after = await deployed(kitStack());
    expect((await ask('direct again')).text).toBe('direct again');
    expect(sandbox.telegram.webhook(bot.id)?.url).toBe(url);
    expect(after).toEqual(before);
    expect(between.EndpointHost).toBe(before.EndpointHost);
  });
});

describe('a change to queued delivery that fails', () => {
  it('loses none of the messages sent in the meantime', async () => {
    const { sandbox, bot, ask } = testBed();
    await deployed(kitStack());
    const chat = sandbox.telegram.chat(bot.id, { id: 7, firstName: 'Interim' });
    const sent: string[] = [];
    const heard: string[] = [];
    chat.onMessage(({ text = '' }) => heard.push(text));
    sandbox.cloudFormation.intercept = () => {
      sent.push(String(sent.length));
      chat.send(sent.at(-1) ?? '');
      return undefined;
    };
    const state = await sandbox.cloudFormation.deploy(
      kitStack({ ...queued, entry: 'test/bots/crashes-on-load.ts' }),
    );
    sandbox.cloudFormation.intercept = undefined;
    expect(state.status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(state.reason).toContain('The bot behind the queue crashes on load');
    expect((await ask('direct as before?')).text).toBe('direct as before?');
    await vi.waitFor(() => expect(heard).toEqual(sent), { timeout: 60_000 });
    expect(sent.length).toBeGreaterThan(20);
  });
});

async function deployed(stack: ReturnType<typeof kitStack>): Promise<StackState['outputs']> {
  const { status, reason, outputs } = await testBed().sandbox.cloudFormation.deploy(stack);
  expect(status, reason).toMatch(/^(CREATE|UPDATE)_COMPLETE$/);
  return outputs;
}

/** Waits until Telegram has the gateway's response, which may come after the answer of the bot behind the queue. */
async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise(setImmediate);
}

/** Collects Telegram's deliveries from now on. */
function reports(): DeliveryReport[] {
  const reports: DeliveryReport[] = [];
  testBed().sandbox.telegram.attempted.listen((report) => reports.push(report));
  return reports;
}

/** Delivers an update again, as Telegram does when it got no answer. Returns the status. */
async function deliverAgain(report: DeliveryReport | undefined): Promise<number> {
  const { sandbox, bot } = testBed();
  const { url = '', secretToken = '' } = sandbox.telegram.webhook(bot.id) ?? {};
  const { status } = await sandbox.network.request(new URL(url), {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-telegram-bot-api-secret-token': secretToken,
    },
    body: Buffer.from(JSON.stringify(report?.update)),
  });
  return status;
}

/** Returns the texts that the bot has sent so far. */
function answers(): string[] {
  return testBed()
    .sandbox.telegram.calls.filter(({ method }) => method === 'sendMessage')
    .map(({ parameters }) => parameters.text('text'));
}
