import { beforeAll, describe, expect, it } from 'vitest';
import { AWS_SDK, type ColdStart, coldStart } from './cold-start.ts';

describe('the cold start of the front', () => {
  const front = coldStart('functions/ingress/index.ts');

  it('parses less than 24 KiB, and no code of the AWS SDK', () => {
    expect(front.eager).toContain('functions/ingress/enqueue.ts');
    expect(front.eager.filter((path) => AWS_SDK.test(path))).toEqual([]);
    expect(front.bytes).toBeLessThan(24 * 1024);
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

  it('loads no module of Node', () => {
    expect(receiver.builtins).toEqual([]);
  });

  it('parses less than 16 KiB', () => {
    expect(receiver.bytes).toBeLessThan(16 * 1024);
  });

  it('leaves alone what a bot behind a queue needs', () => {
    expect(receiver.lazy).toContain('functions/receiver/receive-batch.ts');
  });

  it('keeps the AWS SDK within reach of botToken()', () => {
    expect(receiver.lazy).toContain('functions/bot-token/read.ts');
    expect(receiver.lazy.filter((path) => AWS_SDK.test(path))).not.toEqual([]);
  });
});
