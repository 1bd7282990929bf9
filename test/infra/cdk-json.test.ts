import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const { watch = {} } = JSON.parse(readFileSync(new URL('../../cdk.json', import.meta.url), 'utf8'));

describe('cdk watch', () => {
  it('starts, because cdk.json says what to watch', () => {
    expect(watch.include).not.toHaveLength(0);
  });

  it.each(['functions', 'infra'])('deploys after a change below %s', (folder) => {
    expect(watch.exclude).toBeDefined();
    for (const pattern of watch.exclude) expect(pattern).not.toContain(folder);
  });
});
