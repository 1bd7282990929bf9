import { expect, it } from 'vitest';
import { stackOf } from '../cloudformation/fakes.ts';
import { matchBots } from './match-bots.ts';
import { RecordingError, type RecordingUpdate } from './recording.ts';

function stack(...paths: string[]) {
  const bots = paths.map((path, index) => [
    `Bot${index}`,
    {
      Type: 'Custom::TelegramBot',
      Properties: { TokenSecret: path },
      Metadata: { 'aws:cdk:path': `${path}/Identity/Resource/Default` },
    },
  ]);
  return stackOf(Object.fromEntries(bots));
}

const recording = (...paths: string[]) => ({
  bots: paths.map((path, id) => ({
    ...{ path, id, username: 'a_bot', firstName: 'A' },
    delivery: 'direct' as const,
  })),
  updates: paths.map((bot) => ({ bot }) as RecordingUpdate),
});

const pathsOf = (bots: ReturnType<typeof matchBots>) =>
  bots.map(({ recordedPath, declared, recorded }) => [recordedPath, declared.path, recorded?.id]);

it('finds bots by their paths, in all stacks', () => {
  const stacks = [stack('App/B', 'App/C'), stack('App/A')];
  expect(pathsOf(matchBots(recording('App/A', 'App/B'), stacks))).toEqual([
    ['App/A', 'App/A', 0],
    ['App/B', 'App/B', 1],
  ]);
});

it('takes the only bot of an app for the only one of a recording, as in another stage', () => {
  expect(pathsOf(matchBots(recording('Prod/Bot'), [stack('Dev/Bot')]))).toEqual([
    ['Prod/Bot', 'Dev/Bot', 0],
  ]);
});

it('needs only the bots that have an update, also if they are not in the header', () => {
  const { bots, updates } = recording('App/A', 'App/B');
  const second = { bots: bots.slice(0, 1), updates: updates.slice(1) };
  expect(pathsOf(matchBots(second, [stack('App/B')]))).toEqual([['App/B', 'App/B', undefined]]);
});

it('names a bot that the app does not have', () => {
  expect(() => matchBots(recording('App/A'), [stack('App/B', 'App/C')])).toThrow(
    'The recording has updates for App/A, and the app has App/B, App/C.',
  );
  expect(() => matchBots(recording('App/A'), [])).toThrow(RecordingError);
  expect(() => matchBots(recording('App/A'), [])).toThrow('the app has no bot.');
});
