import { beforeEach, describe, expect, it } from 'vitest';
import type { FunctionConfiguration } from '../aws/lambda/lambda.ts';
import { InvocationRecord } from './invocation-record.ts';
import { Scrubber } from './scrubber.ts';

describe('the log of an invocation is bounded', () => {
  let record: InvocationRecord;
  beforeEach(() => {
    const configuration = { name: 'receiver', memorySize: 256 } as FunctionConfiguration;
    record = new InvocationRecord({
      ...{ requestId: 'request 1', configuration, at: 0, batchSize: 1 },
      ...{ scrubber: new Scrubber(), root: '.' },
    });
  });
  const texts = () => record.value().log.map(({ text }) => text);

  it('to the latest lines', () => {
    for (let line = 1; line <= 1000; line++) record.write(0, String(line));
    expect(texts()).toEqual(Array.from({ length: 200 }, (_, index) => String(801 + index)));
  });

  it('to the beginning of a long line', () => {
    record.write(0, 'x'.repeat(1_000_000));
    expect(texts()).toEqual([`${'x'.repeat(10_000)}…`]);
  });

  it('to the latest characters', () => {
    for (let line = 1; line <= 300; line++) record.write(0, `${line} `.padEnd(2000, 'x'));
    expect(texts().at(-1)).toMatch(/^300 x/);
    const characters = texts().join('').length;
    expect([characters > 90_000, characters <= 100_000]).toEqual([true, true]);
  });
});
