import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path/posix';
import { describe, expect, it } from 'vitest';
import { kitDocuments, kitSources, read } from './sources.ts';

const ARCHAISMS = /\b(anew|for ever|meanwhile|somebody|inside of|verdict|far side|remembered)\b/i;

const { scripts } = JSON.parse(read('package.json').text) as { scripts: Record<string, string> };

it.each(kitSources().concat(kitDocuments()))('$path is in plain English', ({ path, text }) => {
  const lines = text.split('\n').filter((line) => ARCHAISMS.test(line) && !isQuotation(path, line));
  expect(lines).toEqual([]);
});

/** Other people's words: those of the tests here, which search for them. */
function isQuotation(path: string, line: string): boolean {
  return path.includes('CONTRIBUTING') && line.includes('| instead of |');
}

describe.each(kitDocuments())('$path', ({ path, text }) => {
  it('links to files that exist', () => {
    const links = [...text.matchAll(/\]\(([^)#\s]+)(?:#[\w-]*)?\)/g)].map(([, link = '']) => link);
    const broken = links
      .filter((link) => !/^https?:/.test(link))
      .filter((link) => !existsSync(join(dirname(path), link)));
    expect(broken).toEqual([]);
  });

  it('links to headings that exist', () => {
    const links = [...text.matchAll(/\]\(([^)#\s]*)#([\w-]+)\)/g)].filter(
      ([, file = '']) => file === '' || file.endsWith('.md'),
    );
    const broken = links.filter(([, file = '', heading = '']) => {
      const target = file === '' ? path : join(dirname(path), file);
      return !headingsOf(read(target).text).includes(heading);
    });
    expect(broken.map(([link]) => link)).toEqual([]);
  });

  it('names npm scripts that exist', () => {
    const named = [...text.matchAll(/npm run (?:-s )?([\w-]+(?::[\w-]+)*)/g)].map(
      ([, name = '']) => name,
    );
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });
});

/** Returns the names by which GitHub links to the headings of a document. */
function headingsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

describe('troubleshooting', () => {
  /** The code without the seams of its string literals, and with `…` for what is filled in. */
  const code = kitSources()
    .map(({ text }) => text)
    .join('\n')
    .replaceAll(/['"`]\s*\+\s*['"`]/g, '')
    .replaceAll(/\\(['"`])/g, '$1')
    .replaceAll(/\$\{[^}]*\}/g, '…')
    .replaceAll(/…+/g, '…');

  const quoted = kitDocuments().flatMap(({ path, text }) =>
    text
      .split('\n')
      .filter((line) => /^\| `/.test(line) && /README\.md$|SUPPORT\.md$/.test(path))
      .filter(() => path === 'README.md' || path.endsWith('SUPPORT.md'))
      .flatMap((line) => [...(line.split(' | ')[0] ?? '').matchAll(/`([^`]+)`/g)])
      .map(([, quote = '']) => quote)
      .filter((quote) => quote.includes(' ') && !quote.includes('(')),
  );

  it('quotes messages', () => {
    expect(quoted.length).toBeGreaterThan(12);
  });

  it.each([...new Set(quoted)])('quotes what the code says: %s', (quote) => {
    const missing = quote
      .split('…')
      .map((fragment) => fragment.trim())
      .filter((fragment) => fragment !== '' && !code.includes(fragment));
    expect(missing).toEqual([]);
  });
});
