import { describe, expect, it } from 'vitest';
import { ResourceType } from '../../../../functions/contract.ts';
import { proveFarSide } from '../../../../functions/registrar/bot/readiness.ts';
import { handle } from '../../../../functions/registrar/handler.ts';
import { create, deletion, makeWorld, update, type World } from '../fakes.ts';

const bot = 'arn:aws:lambda:us-east-1:123456789012:function:bot';
const TIME_MS = 12 * 60_000;
const answers = { answer: { batchItemFailures: [] } };

async function reasonOf(world: World): Promise<string> {
  return proveFarSide(bot, world.tools()).then(
    () => expect.unreachable('it was proven'),
    (error: Error) => error.message,
  );
}

function awsError(name: string): Error {
  return Object.assign(new Error(`${name} for ${bot}`), { name });
}

describe('the proof of the far side', () => {
  it('hands the bot a batch of nothing, and takes its answer', async () => {
    const world = makeWorld();
    await proveFarSide(bot, world.tools());
    expect(world.invocations).toEqual([{ functionArn: bot, event: { Records: [] } }]);
  });

  it.each([
    ['AccessDeniedException', 3],
    ['TooManyRequestsException', 5],
    ['ServiceException', 5],
    ['TimeoutError', 5],
  ])('waits for %s to pass', async (name, times) => {
    const world = makeWorld();
    world.bot = () => {
      if (times-- > 0) throw awsError(name);
      return answers;
    };
    await proveFarSide(bot, world.tools());
  });

  it('gives a bot that crashes ten seconds, and then names cause and cure', async () => {
    const world = makeWorld();
    const started = world.clock.now();
    world.bot = () => ({ errorType: 'Runtime.ExitError' });
    const reason = await reasonOf(world);
    expect(reason).toContain('crashes as it loads, or times out (Runtime.ExitError)');
    expect(reason).toContain('npm start -- --delivery queued');
    expect(reason).toContain('a former webhook still stands');
    expect(world.clock.now() - started).toBeLessThanOrEqual(10_000);
  });

  it('gives up at once on what is not a bot of this kit', async () => {
    const world = makeWorld();
    world.bot = () => ({ answer: { statusCode: 401 } });
    expect(await reasonOf(world)).toContain('export `handler = receive(onUpdate)`');
    expect(world.invocations).toHaveLength(1);
  });

  it('gives up on a function that is gone at once, on denial after half a minute', async () => {
    for (const [name, seconds] of [
      ['ResourceNotFoundException', 0],
      ['AccessDeniedException', 30],
    ] as const) {
      const world = makeWorld();
      const started = world.clock.now();
      world.bot = () => {
        throw awsError(name);
      };
      expect(await reasonOf(world)).toContain(name);
      expect(world.clock.now() - started).toBeLessThanOrEqual(seconds * 1000);
    }
  });

  it('says nothing that a bot could have put into an error', async () => {
    const world = makeWorld();
    world.bot = () => ({ errorType: `${world.token} was refused` });
    const reason = await reasonOf(world);
    expect(reason).toContain('(an error)');
    expect(reason).not.toContain(world.token);
  });
});

describe('the proof as a resource', () => {
  const proof = { BotFunction: bot };

  it('is that function, proven by every create and update', async () => {
    const world = makeWorld();
    for (const event of [
      create(ResourceType.proof, proof),
      update(ResourceType.proof, bot, proof, proof),
    ]) {
      await expect(handle(event, TIME_MS, world.services)).resolves.toEqual({
        PhysicalResourceId: bot,
      });
    }
    expect(world.invocations).toHaveLength(2);
    expect(world.telegram.methods).toEqual([]);
  });

  it('is deleted without a word to the bot', async () => {
    const world = makeWorld();
    await handle(deletion(ResourceType.proof, bot, proof), TIME_MS, world.services);
    expect(world.invocations).toEqual([]);
  });

  it('needs a function', async () => {
    const event = create(ResourceType.proof, {});
    await expect(handle(event, TIME_MS, makeWorld().services)).rejects.toThrow(
      'Custom::TelegramBotProof needs BotFunction as text',
    );
  });
});
