import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ReloadReport } from '../reload/reload.ts';
import { style } from '../terminal/style.ts';
import { type EventReader, PageStage } from './fixtures.ts';
import {
  showDeployed,
  showDeployFailure,
  showReload,
  showSynthesisFailure,
  showTypeFaults,
} from './news.ts';

let stage: PageStage;
let page: EventReader;

beforeEach(async () => {
  stage = await PageStage.open();
  page = await stage.connect();
});

afterEach(() => stage.close());

const shown = async () => (await page.next('problem')).problem;
const reload = (report: Partial<ReloadReport>) =>
  showReload(stage.page, { file: 'bot.ts', ...report } as ReloadReport);

it('shows what keeps saved files from running, until they run', async () => {
  const { page: news } = stage;
  reload({ kind: 'failed', error: '✘ [ERROR] Unexpected "}"\n\n    bot.ts:1:2' });
  const build = {
    kind: 'build',
    title: 'bot.ts was not reloaded, and the code before it keeps running',
    text: '✘ [ERROR] Unexpected "}"\n\n    bot.ts:1:2',
  };
  expect(await shown()).toEqual(build);
  // What the bot does not even load with comes first.
  showTypeFaults(news, [
    { place: 'bot.ts:1:2', message: 'No.' },
    { place: undefined, message: 'Nor.' },
  ]);
  expect(await shown()).toEqual(build);
  const late = await stage.connect();
  expect((await late.next('snapshot')).state.problem).toEqual(build);
  reload({ kind: 'reloaded', durationMs: 207.6, warnings: '' });
  expect(await shown()).toEqual({
    kind: 'types',
    title: 'Type errors (the bot runs in spite of them)',
    text: 'bot.ts:1:2  No.\nNor.',
  });
  expect((await page.next('notice')).text).toBe('reloaded bot.ts in 208 ms');
  showTypeFaults(news, []);
  expect(await shown()).toBeUndefined();
});

it('shows why a deploy has failed, until one succeeds', async () => {
  const { page: news } = stage;
  reload({ kind: 'redeploying' });
  expect((await page.next('notice')).text).toBe('bot.ts has changed: deploying the app again');
  showSynthesisFailure(news, 'Cannot find module');
  expect(await shown()).toMatchObject({ kind: 'synthesis', text: 'Cannot find module' });
  showDeployFailure(news, [style('red', 'Stack could not be deployed'), style('dim', 'because')]);
  expect(await shown()).toMatchObject({ kind: 'synthesis' });
  showDeployed(news, '1.5');
  // One kind after the other.
  expect(await shown()).toMatchObject({
    kind: 'deploy',
    text: 'Stack could not be deployed\nbecause',
  });
  expect(await shown()).toBeUndefined();
  expect((await page.next('notice')).text).toBe('deployed again in 1.5 s');
});
