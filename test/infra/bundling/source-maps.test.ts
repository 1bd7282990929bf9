import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectRoot } from '../../../infra/settings/entry.ts';
import { bundled, filesIn, runModule, writeProject } from './project.ts';

/** A bot that throws on line 4, in a function that it calls. */
const bot = writeProject({
  'bot.ts': `import { receive } from '${join(projectRoot, 'functions/receiver/index.ts')}';
    export const handler = receive(async () => find());
    function find(): never {
      throw new Error('not found');
    }`,
  'lazy.ts': "\n\nexport const fail = () => { throw new Error('lazy'); };",
  'lazy-bot.ts': `import { receive } from '${join(projectRoot, 'functions/receiver/index.ts')}';
    export const handler = receive(async () => (await import('./lazy.ts')).fail());`,
});

/** Sends an update to a bundle in a process of its own. @returns the stack trace in its log */
function stackTrace(directory: string): string[] {
  const main = join(directory, 'main.mjs');
  writeFileSync(
    main,
    `console.error = ({ stackTrace }) => console.log(JSON.stringify(stackTrace));
    const { createHash } = await import('node:crypto');
    process.env.WEBHOOK_SECRET_SHA256 = createHash('sha256').update('secret').digest('hex');
    const { handler } = await import('./index.mjs');
    await handler({
      version: '2.0',
      headers: { 'x-telegram-bot-api-secret-token': 'secret' },
      body: JSON.stringify({ update_id: 1, message: {} }),
    });`,
  );
  return JSON.parse(runModule(main));
}

describe('a stack trace in the log of a bot', () => {
  it('names the files and lines of its sources', () => {
    const [message, first, second] = stackTrace(bundled(join(bot, 'bot.ts')));
    expect(message).toBe('Error: not found');
    expect(first).toMatch(/^ {4}at find \(\S*bot\.ts:4:13\)$/);
    expect(second).toMatch(/bot\.ts:2:\d+\)?$/);
  });

  it("names the kit's sources from the project's root", () => {
    const trace = stackTrace(bundled(join(bot, 'bot.ts')));
    expect(trace.join('\n')).toMatch(
      / functions\/receiver\/receive\.ts:\d+:\d+| \(functions\/receiver\/receive\.ts:\d+:\d+\)/,
    );
  });

  it('names those of a lazily imported module', () => {
    const trace = stackTrace(bundled(join(bot, 'lazy-bot.ts')));
    expect(trace[1]).toMatch(/lazy\.ts:3:\d+/);
  });

  it('keeps the positions in the bundle if there are no source maps', () => {
    const directory = bundled(join(bot, 'bot.ts'), { sourceMap: false });
    expect(filesIn(directory).filter((name) => name.endsWith('.map'))).toEqual([]);
    expect(stackTrace(directory)[1]).toMatch(/index\.mjs:\d+:\d+/);
  });

  it('keeps them if a source map cannot be read', () => {
    const directory = bundled(join(bot, 'bot.ts'));
    writeFileSync(join(directory, 'index.mjs.map'), 'not JSON');
    expect(stackTrace(directory)[1]).toMatch(/index\.mjs:\d+:\d+/);
  });
});

it('does not need its source maps to start', () => {
  const directory = bundled(join(bot, 'bot.ts'));
  for (const name of filesIn(directory).filter((file) => file.endsWith('.map'))) {
    rmSync(join(directory, name));
  }
  expect(stackTrace(directory)[0]).toBe('Error: not found');
});
