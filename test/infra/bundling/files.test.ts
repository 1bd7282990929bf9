import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fileLoaders } from '../../../infra/bundling/loaders.ts';
import { bundled, filesIn, runBot, writeProject } from './project.ts';

const print =
  "import { readFileSync } from 'node:fs';\nconst print = (url: URL) => console.log(readFileSync(url, 'utf8'));\n";

describe('an imported file', () => {
  it('is a string if it is text', () => {
    const printed = runBot({
      'greeting.ftl': 'hello = Grüß dich\n',
      'bot.ts': "import greeting from './greeting.ftl';\nconsole.log(JSON.stringify(greeting));",
    });
    expect(printed).toBe(String.raw`"hello = Grüß dich\n"`);
  });

  it('is a Uint8Array if it is not', () => {
    const printed = runBot({
      'photo.png': Uint8Array.of(0x89, 0x50, 0, 0xff),
      'bot.ts':
        "import photo from './photo.png';\nconsole.log(photo instanceof Uint8Array, ...photo);",
    });
    expect(printed).toBe('true 137 80 0 255');
  });

  it('is what bundling.loader says', () => {
    const printed = runBot(
      {
        'schema.proto': 'message M {}',
        'bot.ts': "import schema from './schema.proto';\nconsole.log(schema);",
      },
      { loader: { '.proto': 'text' } },
    );
    expect(printed).toBe('message M {}');
  });

  it('is a file of the bundle with a loader that says so', () => {
    const printed = runBot(
      {
        'voice.oga': 'sound',
        'bot.ts': `
          import { readFileSync } from 'node:fs';
          import path from './voice.oga';
          console.log(readFileSync(new URL(path, import.meta.url), 'utf8'));`,
      },
      { loader: { '.oga': 'file' } },
    );
    expect(printed).toBe('sound');
  });

  it('is the same in the tests of a bot', async () => {
    const text: { default: unknown } = await import('./fixtures/greeting.md');
    const bytes: { default: unknown } = await import('./fixtures/pixel.png');
    const file = new URL('fixtures/pixel.png', import.meta.url);
    expect(text.default).toBe('# Hello\n');
    expect(bytes.default).toEqual(new Uint8Array(readFileSync(file)));
  });

  it('has a declared type for every extension with a loader', () => {
    const types = readFileSync(new URL('../../../functions/files.d.ts', import.meta.url), 'utf8');
    const declared = [...types.matchAll(/declare module '\*(\.\w+)' \{\n {2}const (\w+): (\w+);/g)];
    const loaders = declared.map(([, extension, , type]) => [
      extension,
      type === 'string' ? 'text' : 'binary',
    ]);
    expect(Object.fromEntries(loaders)).toEqual(fileLoaders);
  });
});

describe("a file that is read by new URL('./x', import.meta.url)", () => {
  it('travels with the bundle', () => {
    const printed = runBot({
      'greeting.txt': 'hello',
      'bot.ts': `${print}print(new URL('./greeting.txt', import.meta.url));`,
    });
    expect(printed).toBe('hello');
  });

  it('does so from a module in another folder, and from above it', () => {
    const printed = runBot({
      'data.json': '"outer"',
      'lib/data.json': '"inner"',
      'lib/inner.ts': `${print}
        print(new URL("./data.json", import.meta.url));
        print(new URL('../data.json', import.meta.url));`,
      'bot.ts': `${print}import './lib/inner.ts';\nprint(new URL(\`./data.json\`, import.meta.url));`,
    });
    expect(printed).toBe('"inner"\n"outer"\n"outer"');
  });

  it('does so from a package', () => {
    const printed = runBot({
      'node_modules/has-file/package.json': '{ "type": "module", "main": "index.js" }',
      'node_modules/has-file/index.js':
        "export const url = new URL('./words.txt', import.meta.url);\nexport const base = new URL('./no-file', import.meta.url);",
      'node_modules/has-file/words.txt': 'words',
      'bot.ts': `${print}import { base, url } from 'has-file';\nprint(url);\nconsole.log(base.pathname.endsWith('/no-file'));`,
    });
    expect(printed).toBe('words\ntrue');
  });

  it('may be a folder', () => {
    const printed = runBot({
      'locales/de/bot.ftl': 'hallo',
      'bot.ts': `${print}
        const locales = new URL('./locales/', import.meta.url);
        print(new URL('de/bot.ftl', locales));`,
    });
    expect(printed).toBe('hallo');
  });

  it('may be in a folder, with a name that is known only at run time', () => {
    const printed = runBot({
      'locales/de.ftl': 'hallo',
      'locales/en.ftl': 'hello',
      'bot.ts': `${print}
        for (const language of ['en', 'de']) {
          print(new URL(\`./locales/\${language}.ftl\`, import.meta.url));
        }`,
    });
    expect(printed).toBe('hello\nhallo');
  });

  it('is refused if nothing of its path is known before run time', () => {
    const files = {
      'bot.ts': `${print}for (const name of ['a']) print(new URL(\`./\${name}.txt\`, import.meta.url));`,
    };
    expect(() => runBot(files)).toThrow(
      /bot\.ts refers to \.\/\$\{name\}\.txt by import\.meta\.url, and no part of that path is known/,
    );
  });

  it('is read from a lazily imported module', () => {
    const printed = runBot({
      'greeting.txt': 'hello',
      'lazy.ts': `${print}print(new URL('./greeting.txt', import.meta.url));`,
      'bot.ts': "await import('./lazy.ts');",
    });
    expect(printed).toBe('hello');
  });

  it('leaves alone a URL of the folder itself', () => {
    const files = {
      'bot.ts': "console.log(new URL('./', import.meta.url).pathname.endsWith('/'));",
    };
    expect(runBot(files)).toBe('true');
  });

  it('is refused if it does not exist', () => {
    const files = { 'bot.ts': `${print}print(new URL('./greting.txt', import.meta.url));` };
    expect(() => runBot(files)).toThrow(
      /bot\.ts refers to \.\/greting\.txt by import\.meta\.url, but there is no such file/,
    );
  });
});

describe('bundling.files', () => {
  it('has the same paths in the bundle as in the project', () => {
    const entry = join(writeProject({ 'bot.ts': 'export const handler = 1;' }), 'bot.ts');
    const directory = bundled(entry, { files: ['test/infra/bundling/fixtures', 'cdk.json'] });
    expect(filesIn(directory)).toEqual(
      expect.arrayContaining([
        'cdk.json',
        join('test', 'infra', 'bundling', 'fixtures', 'greeting.md'),
      ]),
    );
  });

  it.each(['no-such-folder', '../outside', '/etc/hosts', '.'])('refuses %s', (file) => {
    expect(() => bundled('test/bots/echo.ts', { files: [file] })).toThrow(
      `bundling.files must name files or folders below the project's root, such as locales; got ${file}`,
    );
  });
});
