import { describe, expect, it } from 'vitest';
import { runBot } from './project.ts';

describe('CommonJS code in a bundle', () => {
  it('may require parts of Node, as grammY does', () => {
    const printed = runBot({
      'old.cjs': "module.exports = require('stream').Readable.name;",
      'bot.ts': "import old from './old.cjs';\nconsole.log(old);",
    });
    expect(printed).toBe('Readable');
  });

  it('has __dirname and __filename, which are those of the bundle', () => {
    const printed = runBot({
      'old.cjs': 'module.exports = [__filename.startsWith(__dirname), typeof __dirname];',
      'bot.ts': "import old from './old.cjs';\nconsole.log(...old);",
    });
    expect(printed).toBe('true string');
  });
});

it('leaves alone what a module declares under the names that only CommonJS has', () => {
  const printed = runBot({
    'old.cjs': "module.exports = require('path').basename(__filename);",
    'bot.ts': `
      import { createRequire } from 'node:module';
      import { dirname } from 'node:path';
      import { fileURLToPath } from 'node:url';
      import old from './old.cjs';
      const require = createRequire(import.meta.url);
      const __filename = fileURLToPath(import.meta.url);
      const __dirname = dirname(__filename);
      console.log(require('node:path').basename(__filename), __dirname.length > 1, old);
    `,
  });
  expect(printed).toBe('index.mjs true index.mjs');
});

/** A package with a function as its CommonJS build, and with the ES modules that bundlers like. */
const twoBuilds = {
  'node_modules/two-builds/package.json': '{ "main": "lib/index", "module": "lib/index.mjs" }',
  'node_modules/two-builds/lib/index.js': `
    module.exports = function greet() { return 'CommonJS'; };
    module.exports.copies = (globalThis.copies = (globalThis.copies ?? 0) + 1);
  `,
  'node_modules/two-builds/lib/index.mjs': `
    export default function greet() { return 'ES module'; };
    greet.copies = (globalThis.copies = (globalThis.copies ?? 0) + 1);
  `,
};

describe('a package with a CommonJS build and ES modules', () => {
  it('gives require the CommonJS build, as in Node', () => {
    const printed = runBot({
      ...twoBuilds,
      'old.cjs': "module.exports = require('two-builds')();",
      'bot.ts': "import old from './old.cjs';\nconsole.log(old);",
    });
    expect(printed).toBe('CommonJS');
  });

  it('gives import the ES modules, of which unused parts stay out of the bundle', () => {
    const printed = runBot({
      ...twoBuilds,
      'bot.ts': "import greet from 'two-builds';\nconsole.log(greet());",
    });
    expect(printed).toBe('ES module');
  });

  it('is in the bundle once, even if it is required and imported', () => {
    const printed = runBot({
      ...twoBuilds,
      'old.cjs': "module.exports = require('two-builds')();",
      'bot.ts': `
        import old from './old.cjs';
        import greet from 'two-builds';
        console.log(old, greet(), greet.copies);
      `,
    });
    expect(printed).toBe('CommonJS CommonJS 1');
  });

  it('gives each importer its own version', () => {
    const nested = Object.fromEntries(
      Object.entries(twoBuilds).map(([path, text]) => [
        `node_modules/outer/${path}`,
        text.replace('CommonJS', 'nested CommonJS'),
      ]),
    );
    const printed = runBot({
      ...twoBuilds,
      ...nested,
      'node_modules/outer/package.json': '{ "main": "index.js" }',
      'node_modules/outer/index.js': "module.exports = require('two-builds')();",
      'old.cjs': "module.exports = require('two-builds')();",
      'bot.ts':
        "import old from './old.cjs';\nimport outer from 'outer';\nconsole.log(old, '+', outer);",
    });
    expect(printed).toBe('CommonJS + nested CommonJS');
  });

  it('may require another one in turn', () => {
    const printed = runBot({
      ...twoBuilds,
      'node_modules/outer/package.json': '{ "main": "index.js", "module": "index.mjs" }',
      'node_modules/outer/index.js': "module.exports = () => require('two-builds')();",
      'node_modules/outer/index.mjs': "export default () => 'ES module';",
      'old.cjs': "module.exports = require('outer')();",
      'bot.ts': "import old from './old.cjs';\nconsole.log(old);",
    });
    expect(printed).toBe('CommonJS');
  });

  it('may be missing, if the code that requires it expects that', () => {
    const printed = runBot({
      'old.cjs': `
        try { module.exports = require('two-builds'); } catch { module.exports = 'without'; }
      `,
      'bot.ts': "import old from './old.cjs';\nconsole.log(old);",
    });
    expect(printed).toBe('without');
  });
});

describe('the bundling settings', () => {
  it('leaves out what is external', () => {
    const printed = runBot(
      {
        'node_modules/layered/package.json': '{ "main": "index.js" }',
        'node_modules/layered/index.js': "module.exports = 'bundled';",
        'bot.ts': "import('layered').then(console.log, ({ code }) => console.log(code));",
      },
      { external: ['layered'] },
    );
    expect(printed).toBe('ERR_MODULE_NOT_FOUND');
  });

  it('replaces global names', () => {
    const files = { 'bot.ts': 'declare const STAGE: string;\nconsole.log(STAGE);' };
    expect(runBot(files, { define: { STAGE: '"prod"' } })).toBe('prod');
  });

  it('makes the code small, unless told not to', () => {
    const files = {
      'bot.ts': `
        function shout(veryLongName: string) { return veryLongName + '!'; }
        console.log(shout.toString().includes('return veryLongName +'));
      `,
    };
    expect([runBot(files), runBot(files, { minify: false })]).toEqual(['false', 'true']);
  });
});

describe('code that cannot be bundled', () => {
  it("is shown with esbuild's picture of the place, and no temporary path", () => {
    const attempt = () => runBot({ 'bot.ts': 'const x = ;\nexport const handler = 1;' });
    expect(attempt).toThrow('Unexpected ";"');
    expect(attempt).toThrow(/bot\.ts:1:10/);
  });

  it('names the setting for optional packages that are not installed', () => {
    const attempt = () =>
      runBot({
        'old.cjs':
          "exports.sqlite = () => require('better-sqlite3');\nexports.pg = () => require('@scope/pg/x');",
        'bot.ts': "import old from './old.cjs';\nconsole.log(old);",
      });
    // As a part of the error, which `npm start` cuts out of what the CDK prints.
    expect(attempt).toThrow(
      /\n {2}npm install better-sqlite3 @scope\/pg\n {2}Or leave out .*: \{ external: \['better-sqlite3', '@scope\/pg'\] \}/,
    );
    expect(attempt).not.toThrow('You can mark');
  });

  it("leaves esbuild's note about a path that a package does not export", () => {
    const attempt = () =>
      runBot({
        'node_modules/shop/package.json': '{ "exports": { ".": "./index.js" } }',
        'bot.ts': "import 'shop/secrets';",
      });
    expect(attempt).toThrow('The path "./secrets" is not exported by package "shop"');
    expect(attempt).not.toThrow('npm install');
  });

  describe('CommonJS that requires a module with a top-level await', () => {
    const files = {
      'token.ts': "export const token = await Promise.resolve('token');",
      'index.ts': "export * from './token.ts';",
    };
    const refusal = (importer: string, module: string) =>
      new RegExp(
        `${importer} requires \\S*${module}, but \\S*token\\.ts awaits at its top level \\(line 1\\), and ` +
          `\`require\` cannot wait: in \\S*${importer}, write import and export`,
      );

    it.each([
      ['index.ts', "const { token } = require('./index.ts');\nexports.handler = () => token;"],
      ['index.ts', "const { token } = require('./index.ts');\nexport const handler = () => token;"],
      ['token.ts', "import { token } from './token.ts';\nexports.handler = () => token;"],
    ])('is refused as an entry, %s', (module, bot) => {
      expect(() => runBot({ ...files, 'bot.ts': bot })).toThrow(refusal('bot.ts', module));
    });

    it('is refused below an entry', () => {
      const attempt = () =>
        runBot({
          ...files,
          'old.cjs': "module.exports = require('./index.ts').token;",
          'bot.ts': "import old from './old.cjs';\nconsole.log(old);",
        });
      expect(attempt).toThrow(refusal('old.cjs', 'index.ts'));
    });

    it('may import it instead', () => {
      const printed = runBot({
        ...files,
        'old.cjs': "module.exports = () => import('./index.ts');",
        'bot.ts': "import old from './old.cjs';\nconsole.log((await old()).token);",
      });
      expect(printed).toBe('token');
    });
  });
});
