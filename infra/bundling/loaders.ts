import type { Loader } from 'esbuild';

const TEXT = [
  '.csv',
  '.ftl',
  '.graphql',
  '.html',
  '.md',
  '.sql',
  '.svg',
  '.txt',
  '.xml',
  '.yaml',
  '.yml',
];
const BYTES = [
  '.gif',
  '.jpeg',
  '.jpg',
  '.mp3',
  '.mp4',
  '.ogg',
  '.pdf',
  '.png',
  '.tgs',
  '.ttf',
  '.wasm',
  '.webp',
  '.zip',
];

/**
 * How files that are not code are imported, by extension: as a string or as a `Uint8Array`. `functions/files.d.ts`
 * declares their types, and `vitest.config.ts` loads them in the same way.
 */
export const fileLoaders: Readonly<Record<string, Extract<Loader, 'text' | 'binary'>>> = {
  ...Object.fromEntries(TEXT.map((extension) => [extension, 'text'] as const)),
  ...Object.fromEntries(BYTES.map((extension) => [extension, 'binary'] as const)),
};
