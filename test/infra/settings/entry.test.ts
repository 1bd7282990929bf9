import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { describe, expect, it } from 'vitest';
import { projectRoot } from '../../../infra/settings/entry.ts';
import { TelegramBotStack } from '../../../infra/telegram-bot-stack.ts';
import { writeProject } from '../bundling/project.ts';
import { botStack } from '../synth.ts';

const receive = join(projectRoot, 'functions/receiver/index.ts');
const project = writeProject({
  'bot.ts': `import { receive } from '${receive}';\nexport const handler = receive(async () => {});`,
  'default.ts': `import { receive } from '${receive}';\nexport default receive(async () => {});`,
  'misspelt.ts': 'export const handle = 1;\nexport const lambda = 2;',
  'nothing.ts': "console.log('hello');",
  'old.cjs': 'exports.handler = async () => {};',
  'typed.cts': 'export const handler = async () => {};',
  'looks-new.ts': 'exports.handler = async () => {};',
  'bot.ts.d/readme.md': '',
});

/** Synthesizes a bot, bundles included. */
function synthesize(entry: string): void {
  const app = new App();
  new TelegramBotStack(app, 'Kit', { botTokenSecret: 'telegram/test/bot-token', bot: { entry } });
  app.synth();
}

describe('entry', () => {
  it.each(['test/bots/echo.ts', join(project, 'bot.ts')])('may be %s', (entry) => {
    expect(() => synthesize(entry)).not.toThrow();
  });

  it.each([
    ['functions/robot.ts', 'got functions/robot.ts, which is missing'],
    ['functions', 'got functions, which is a directory'],
    ['functions/bot.ts#x?y', 'got functions/bot.ts#x?y, which is missing'],
    [
      join(project, 'old.cjs'),
      'old.cjs is CommonJS: name it .ts or .mts, and write import and export',
    ],
    [join(project, 'typed.cts'), 'typed.cts is CommonJS'],
  ])('is refused without bundling it: %s', (entry, message) => {
    expect(() => botStack({ entry })).toThrow(message);
  });

  it.each([
    [
      'default.ts',
      'default.ts must export `handler`, as in `export const handler = receive(onUpdate);`',
    ],
    ['default.ts', 'but it exports only default'],
    ['misspelt.ts', 'but it exports only handle, lambda'],
    ['nothing.ts', 'but it exports nothing'],
    ['looks-new.ts', 'looks-new.ts is CommonJS'],
  ])('is refused if it does not export `handler`: %s', (name, message) => {
    expect(() => synthesize(join(project, name))).toThrow(message);
  });

  it('is not bundled for a stack that is not deployed', () => {
    expect(() => botStack({ entry: join(project, 'nothing.ts') })).not.toThrow();
  });
});
