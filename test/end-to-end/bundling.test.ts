import { expect, it } from 'vitest';
import { kitStack } from './app.ts';
import { newTestBed } from './test-bed.ts';

const testBed = newTestBed();

it('runs a bot with compiled code, files and packages, on this machine', async () => {
  const { sandbox, ask } = testBed();
  const bundling = { nodeModules: ['esbuild'], files: ['test/bots/texts'] };
  const entry = 'test/bots/brings-everything.ts';
  const state = await sandbox.cloudFormation.deploy(kitStack({ entry, bundling }));
  expect(state.status).toBe('CREATE_COMPLETE');
  const { text } = await ask('let one: number = 1');
  expect(text).toBe('Hello.\nlet one = 1;\nGoodbye.\nGoodbye.');
});
