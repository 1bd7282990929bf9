import { createHash, createHmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { signedHeaders } from '../../../functions/aws/sigv4.ts';

/** The hash that the SDK's own signer requires. */
class Sha256 {
  private readonly hash;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.hash = secret ? createHmac('sha256', secret as string) : createHash('sha256');
  }

  update(data: string | Uint8Array): void {
    this.hash.update(data);
  }

  async digest(): Promise<Uint8Array> {
    return this.hash.digest();
  }
}

describe('signedHeaders', () => {
  it("signs any request as AWS's own signer does", async () => {
    const word = fc.stringMatching(/^[A-Za-z0-9/+=]{16,40}$/);
    await fc.assert(
      fc.asyncProperty(
        word,
        word,
        fc.option(word, { nil: undefined }),
        fc.string({ unit: 'binary' }),
        fc.date({ min: new Date('2020-01-01'), max: new Date('2040-01-01'), noInvalidDate: true }),
        fc.constantFrom('us-east-1', 'eu-central-1', 'ap-southeast-2'),
        async (accessKeyId, secretAccessKey, sessionToken, body, date, region) => {
          const credentials = { accessKeyId, secretAccessKey, sessionToken };
          const hostname = `sqs.${region}.amazonaws.com`;
          const headers = {
            host: hostname,
            'content-type': 'application/x-amz-json-1.0',
            'x-amz-target': 'AmazonSQS.SendMessage',
          };
          const signer = new SignatureV4({
            credentials,
            region,
            service: 'sqs',
            sha256: Sha256,
            applyChecksum: false,
          });
          const theirs = await signer.sign(
            { method: 'POST', protocol: 'https:', hostname, path: '/', query: {}, headers, body },
            { signingDate: date },
          );
          const ours = signedHeaders(
            { method: 'POST', path: '/', headers, body },
            { region, service: 'sqs', credentials, date },
          );
          expect(ours.authorization).toBe(theirs.headers.authorization);
        },
      ),
    );
  });
});
