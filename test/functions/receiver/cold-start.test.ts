import { beforeAll, describe, expect, it } from 'vitest';
import { AWS_SDK, type ColdStart, coldStart } from './cold-start.ts';

describe('the cold start of the ingress', () => {
  const ingress = coldStart('functions/ingress/index.ts');

  it('parses less than 24 KiB, and no code of the AWS SDK', () => {
    expect(ingress.eager).toContain('functions/ingress/enqueue.ts');
    expect(ingress.eager.filter((path) => AWS_SDK.test(path))).toEqual([]);
    expect(ingress.bytes).toBeLessThan(24 * 1024);
  });
});

describe('the cold start of the receiver', () => {
  let receiver: ColdStart;
  beforeAll(() => {
    receiver = coldStart('functions/receiver/index.ts');
  });

  it('parses no code of the AWS SDK', () => {
    expect(receiver.eager).toContain('functions/receiver/receive.ts');
    expect(receiver.eager.filter((path) => AWS_SDK.test(path))).toEqual([]);
  });

  it("loads none of Node's built-in modules", () => {
    expect(receiver.builtins).toEqual([]);
  });

  it('parses less than 16 KiB', () => {
    expect(receiver.bytes).toBeLessThan(16 * 1024);
  });

  it('does not parse the code for queued delivery', () => {
    expect(receiver.lazy).toContain('functions/receiver/receive-batch.ts');
  });

  it('leaves the AWS SDK to a chunk that botToken() loads', () => {
    expect(receiver.lazy).toContain('functions/bot-token/read.ts');
    expect(receiver.lazy.filter((path) => AWS_SDK.test(path))).not.toEqual([]);
  });
});
