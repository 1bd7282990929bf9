import { describe, expect, it } from 'vitest';
import { runBot } from './project.ts';

/** A project whose receiver says that its modules may be dropped. */
const kit = {
  'package.json': '{ "type": "module" }',
  'functions/receiver/package.json': '{ "type": "module", "sideEffects": false }',
  'functions/receiver/index.ts':
    "export { token } from './token.ts';\nexport const receive = (bot: unknown) => bot;",
  'functions/receiver/token.ts':
    "console.log('fetches the token');\nexport const token = await Promise.resolve('token');",
};

const run = (bot: string, files: Readonly<Record<string, string>> = {}) =>
  runBot({ ...kit, 'bot.ts': bot, ...files });

describe('a module of a folder without side effects', () => {
  it('is left out if nothing of it is used, with its top-level await', () => {
    const bot =
      "import { receive } from './functions/receiver/index.ts';\nconsole.log(receive(1));";
    expect(run(bot)).toBe('1');
  });

  it('runs if something of it is used', () => {
    const bot = "import { token } from './functions/receiver/index.ts';\nconsole.log(token);";
    expect(run(bot)).toBe('fetches the token\ntoken');
  });

  it('is left out of a bundle whose other modules only import its types', () => {
    const bot = `
      import { receive, token } from './functions/receiver/index.ts';
      export type Token = typeof token;
      console.log(receive(1));`;
    expect(run(bot)).toBe('1');
  });
});

describe("a user's import for its side effects", () => {
  it.each(['setup.ts', 'functions/setup.ts', 'functions/features/setup.ts'])(
    'survives beside such a folder: %s',
    (path) => {
      const bot = `
        import './${path}';
        import { receive } from './functions/receiver/index.ts';
        console.log(receive(1));`;
      expect(run(bot, { [path]: "console.log('set up');" })).toBe('set up\n1');
    },
  );
});
