import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { TelegramBotStack, type TelegramBotStackProps } from '../../infra/telegram-bot-stack.ts';
import { entry, secretName } from '../fixtures.ts';
import {
  bundleForThisMachine,
  type Mode,
  readAssembly,
  readCliContext,
  type StackArtifact,
} from '../sandbox/index.ts';

/** Synthesizes the kit's stack with the real bundles, as `cdk deploy` would. */
export function kitStack(
  bot: TelegramBotStackProps['bot'] = {},
  { name = 'Kit', botTokenSecret = secretName } = {},
): StackArtifact {
  const [stack] = synthesized((app) => {
    new TelegramBotStack(app, name, { botTokenSecret, bot: { entry, ...bot } });
  });
  if (!stack) throw new Error('The app has no stack');
  return stack;
}

/** Synthesizes an app and returns its stacks in the order in which `cdk deploy` deploys them. */
export function synthesized(build: (app: App) => void, mode: Mode = 'strict'): StackArtifact[] {
  const app = new App({
    outdir: mkdtempSync(join(tmpdir(), 'cdk.out-')),
    context: { ...readCliContext([]), ...bundleForThisMachine },
  });
  build(app);
  app.synth();
  return readAssembly(app.outdir, mode);
}
