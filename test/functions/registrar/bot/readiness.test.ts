import { describe, expect, it } from 'vitest';
import { ResourceType } from '../../../../functions/contract.ts';
import { checkReadiness } from '../../../../functions/registrar/bot/readiness.ts';
import { handleEvent } from '../../../../functions/registrar/handler.ts';
import { create, deletion, type Fakes, makeFakes, update } from '../fakes.ts';

const bot = 'arn:aws:lambda:us-east-1:123456789012:function:bot';
const TIME_MS = 12 * 60_000;
const answers = { payload: { batchItemFailures: [] } };

async function reasonOf(fakes: Fakes): Promise<string> {
  return checkReadiness(bot, fakes.context()).then(
    () => expect.unreachable('it was proven'),
    (error: Error) => error.message,
  );
}

function awsError(name: string): Error {
  return Object.assign(new Error(`${name} for ${bot}`), { name });
}

describe('the proof of the far side', () => {
  it('hands the bot a batch of nothing, and takes its answer', async () => {
    const fakes = makeFakes();
    await checkReadiness(bot, fakes.context());
    expect(fakes.invocations).toEqual([{ functionArn: bot, event: { Records: [] } }]);
  });

  it.each([
    ['AccessDeniedException', 3],
    ['TooManyRequestsException', 5],
    ['ServiceException', 5],
    ['TimeoutError', 5],
  ])('waits for %s to pass', async (name, times) => {
    const fakes = makeFakes();
    fakes.bot = () => {
      if (times-- > 0) throw awsError(name);
      return answers;
    };
    await checkReadiness(bot, fakes.context());
  });

  it('gives a bot that crashes ten seconds, and then names cause and cure', async () => {
    const fakes = makeFakes();
    const started = fakes.clock.now();
    fakes.bot = () => ({ errorType: 'Runtime.ExitError' });
    const reason = await reasonOf(fakes);
    expect(reason).toContain('crashes on load, or times out (Runtime.ExitError)');
    expect(reason).toContain('npm start -- --delivery queued');
    expect(reason).toContain('The webhook was left unchanged.');
    expect(fakes.clock.now() - started).toBeLessThanOrEqual(10_000);
  });

  it('gives up at once on what is not a bot of this kit', async () => {
    const fakes = makeFakes();
    fakes.bot = () => ({ payload: { statusCode: 401 } });
    expect(await reasonOf(fakes)).toContain('export `handler = receive(onUpdate)`');
    expect(fakes.invocations).toHaveLength(1);
  });

  it('gives up on a function that is gone at once, on denial after half a minute', async () => {
    for (const [name, seconds] of [
      ['ResourceNotFoundException', 0],
      ['AccessDeniedException', 30],
    ] as const) {
      const fakes = makeFakes();
      const started = fakes.clock.now();
      fakes.bot = () => {
        throw awsError(name);
      };
      expect(await reasonOf(fakes)).toContain(name);
      expect(fakes.clock.now() - started).toBeLessThanOrEqual(seconds * 1000);
    }
  });

  it('says nothing that a bot could have put into an error', async () => {
    const fakes = makeFakes();
    fakes.bot = () => ({ errorType: `${fakes.token} was refused` });
    const reason = await reasonOf(fakes);
    expect(reason).toContain('(an error)');
    expect(reason).not.toContain(fakes.token);
  });
});

describe('the proof as a resource', () => {
  const proof = { BotFunction: bot };

  it('is that function, proven by every create and update', async () => {
    const fakes = makeFakes();
    for (const event of [
      create(ResourceType.readiness, proof),
      update(ResourceType.readiness, bot, proof, proof),
    ]) {
      await expect(handleEvent(event, TIME_MS, fakes.services)).resolves.toEqual({
        PhysicalResourceId: bot,
      });
    }
    expect(fakes.invocations).toHaveLength(2);
    expect(fakes.telegram.methods).toEqual([]);
  });

  it('is deleted without a word to the bot', async () => {
    const fakes = makeFakes();
    await handleEvent(deletion(ResourceType.readiness, bot, proof), TIME_MS, fakes.services);
    expect(fakes.invocations).toEqual([]);
  });

  it('needs a function', async () => {
    const event = create(ResourceType.readiness, {});
    await expect(handleEvent(event, TIME_MS, makeFakes().services)).rejects.toThrow(
      'Custom::TelegramBotReadiness needs BotFunction as text',
    );
  });
});
