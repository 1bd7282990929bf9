import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Diagnosis } from '../bots.ts';
import { SessionStage } from '../fixtures.ts';

let stage: SessionStage;

beforeEach(async () => {
  stage = await SessionStage.open();
});

afterEach(() => stage.close());

async function statusOf(diagnosis: Diagnosis): Promise<string[]> {
  const { current } = stage.session;
  stage.session.redeployed([{ ...current, diagnose: async () => diagnosis }]);
  await stage.type(':status');
  return stage.news();
}

it(':status says that the webhook is healthy, and where it is', async () => {
  const webhook = { host: 'bot.example', pendingUpdates: 2 };
  expect(await statusOf({ condition: 'healthy', cause: '', fix: '', webhook })).toEqual([
    'healthy',
    '  The webhook is at bot.example, 2 updates pending.',
  ]);
});

it(':status says what is wrong, and what to do', async () => {
  const webhook = { host: '', pendingUpdates: 0 };
  const missing = {
    condition: 'missing',
    cause: 'Another bot\u001b polls.',
    fix: 'Deploy.',
    webhook,
  };
  expect(await statusOf(missing)).toEqual(['missing', '  Another bot␛ polls.\n  Deploy.']);
});

it(':status says that a bot has no watch', async () => {
  await stage.type(':status');
  expect(stage.news()).toEqual([expect.stringMatching(/^No watch is deployed for this bot/)]);
});
