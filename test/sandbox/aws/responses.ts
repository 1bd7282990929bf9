import { buffer } from 'node:stream/consumers';
import type { Network } from '../network/network.ts';
import { randomId } from './account.ts';

/** A custom resource's response, as CloudFormation interprets it. */
export interface CustomResourceResponse {
  readonly Status: 'SUCCESS' | 'FAILED';
  readonly Reason?: string;
  readonly PhysicalResourceId?: string;
  readonly StackId?: string;
  readonly RequestId?: string;
  readonly LogicalResourceId?: string;
  readonly NoEcho?: boolean;
  readonly Data?: Readonly<Record<string, unknown>>;
}

const HOST = 'cloudformation-custom-resource-response-useast1.s3.amazonaws.com';
const LIMIT = 4096;

/**
 * The bucket to which custom resources respond, each with one PUT to the presigned URL it was given.
 */
export class ResponseBucket {
  private readonly urls = new Map<string, (body: Buffer) => void>();

  constructor(options: { network: Pick<Network, 'serve'> }) {
    options.network.serve(HOST, async (request, response) => {
      const body = await buffer(request).catch(() => undefined);
      if (!body) return;
      const receive = request.method === 'PUT' ? this.urls.get(String(request.url)) : undefined;
      // The URL is signed for a PUT without a content type. For any other request, S3 computes a
      // different signature.
      if (!receive || request.headers['content-type']) {
        response.writeHead(403, { 'content-type': 'application/xml' });
        response.end('<Error><Code>SignatureDoesNotMatch</Code></Error>');
        return;
      }
      receive(body);
      response.writeHead(200).end();
    });
  }

  /** Opens a URL for one response. Only the first PUT counts, because CloudFormation ignores the rest. */
  open(): { url: string; answer: Promise<CustomResourceResponse>; close(): void } {
    const path = `/${randomId(32)}?X-Amz-Signature=${randomId(64)}`;
    const answer = new Promise<CustomResourceResponse>((resolve) => {
      this.urls.set(path, (body) => resolve(understand(body)));
    });
    return { url: `https://${HOST}${path}`, answer, close: () => void this.urls.delete(path) };
  }
}

function understand(body: Buffer): CustomResourceResponse {
  if (body.length > LIMIT) return failed('Response object is too long.');
  let answer: CustomResourceResponse;
  try {
    answer = JSON.parse(body.toString());
  } catch {
    return failed('Invalid Response object: it is not JSON');
  }
  if (!['SUCCESS', 'FAILED'].includes(answer?.Status)) {
    return failed(`Invalid Response object: '${answer?.Status}' is not a valid ResponseStatus`);
  }
  const id = answer.PhysicalResourceId;
  if (typeof id !== 'string' || id === '' || Buffer.byteLength(id) > 1024) {
    return failed('Invalid PhysicalResourceId');
  }
  return answer;
}

function failed(reason: string): CustomResourceResponse {
  return { Status: 'FAILED', Reason: reason };
}
