import { describe, expect, it } from 'vitest';
import { ResourceType } from '../../../../functions/contract.ts';
import { checkReadiness } from '../../../../functions/registrar/bot/readiness.ts';
import { handleEvent } from '../../../../functions/registrar/handler.ts';
import { createEvent, deleteEvent, type Fakes, makeFakes, updateEvent } from '../fakes.ts';

const bot = 'arn:aws:lambda:us-east-1:123456789012:function:bot';
const TIME_MS = 12 * 60_000;
const response = { payload: { batchItemFailures: [] } };

async function reasonOf(fakes: Fakes): Promise<string> {
  return checkReadiness(bot, fakes.context()).then(
    () => expect.unreachable('the bot was ready'),
    (error: Error) => error.message,
  );
}

function awsError(name: string): Error {
  return Object.assign(new Error(`${name} for ${bot}`), { name });
}

describe('checkReadiness', () => {
  it('sends the bot an empty batch, and accepts its response', async () => {
    const fakes = makeFakes();
    await checkReadiness(bot, fakes.context());
    expect(fakes.invocations).toEqual([{ functionArn: bot, event: { Records: [] } }]);
  });

  it.each([
    ['AccessDeniedException', 3],
    ['TooManyRequestsException', 5],
    ['ServiceException', 5],
    ['TimeoutError', 5],
  ])('retries after %s', async (name, times) => {
    const fakes = makeFakes();
    fakes.bot = () => {
      if (times-- > 0) throw awsError(name);
      return response;
    };
    await checkReadiness(bot, fakes.context());
  });

  it('stops after ten seconds on a bot that crashes, and names the cause and the fix', async () => {
    const fakes = makeFakes();
    const started = fakes.clock.now();
    fakes.bot = () => ({ errorType: 'Runtime.ExitError' });
    const reason = await reasonOf(fakes);
    expect(reason).toContain('crashes on load, or times out (Runtime.ExitError)');
    expect(reason).toContain('npm start -- --delivery queued');
    expect(reason).toContain('The webhook was left unchanged.');
    expect(fakes.clock.now() - started).toBeLessThanOrEqual(10_000);
  });

  it('stops immediately on a function that is not a bot of this kit', async () => {
    const fakes = makeFakes();
    fakes.bot = () => ({ payload: { statusCode: 401 } });
    expect(await reasonOf(fakes)).toContain('export `handler = receive(onUpdate)`');
    expect(fakes.invocations).toHaveLength(1);
  });

  it('stops immediately on a missing function, and after half a minute on a denial', async () => {
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

  it('shows nothing that a bot could have put into an error', async () => {
    const fakes = makeFakes();
    fakes.bot = () => ({ errorType: `${fakes.token} was refused` });
    const reason = await reasonOf(fakes);
    expect(reason).toContain('(an error)');
    expect(reason).not.toContain(fakes.token);
  });
});

describe('Custom::TelegramBotReadiness', () => {
  const readiness = { BotFunction: bot };

  it('checks the function on every Create and Update, and takes its ARN as id', async () => {
    const fakes = makeFakes();
    for (const event of [
      createEvent(ResourceType.readiness, readiness),
      updateEvent(ResourceType.readiness, bot, readiness, readiness),
    ]) {
      await expect(handleEvent(event, TIME_MS, fakes.services)).resolves.toEqual({
        PhysicalResourceId: bot,
      });
    }
    expect(fakes.invocations).toHaveLength(2);
    expect(fakes.telegram.methods).toEqual([]);
  });

  it('does not invoke the bot on Delete', async () => {
    const fakes = makeFakes();
    await handleEvent(deleteEvent(ResourceType.readiness, bot, readiness), TIME_MS, fakes.services);
    expect(fakes.invocations).toEqual([]);
  });

  it('requires a function', async () => {
    const event = createEvent(ResourceType.readiness, {});
    await expect(handleEvent(event, TIME_MS, makeFakes().services)).rejects.toThrow(
      'Custom::TelegramBotReadiness needs BotFunction as text',
    );
  });
});
