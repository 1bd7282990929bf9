import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Gives all tests one temporary directory, and removes it with whatever they left in it. */
export default function setup(): () => void {
  const directory = mkdtempSync(join(tmpdir(), 'telegram-webhook-kit-'));
  process.env.TMPDIR = directory;
  return () => rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
}
