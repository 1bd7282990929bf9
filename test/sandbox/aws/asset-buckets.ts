import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import type { Network } from '../network/network.ts';
import type { Location } from './account.ts';
import type { Caller, Iam } from './iam.ts';
import { callerOf } from './json-api.ts';
import { ServiceError } from './service-error.ts';

/** The bucket of the default bootstrap to which `cdk deploy` publishes an app's assets. */
export function assetBucket({ account, region }: Location): string {
  return `cdk-hnb659fds-assets-${account}-${region}`;
}

/** The buckets of the CDK's bootstrap, from which functions may read the files of their app. */
export class AssetBuckets {
  private readonly network: Pick<Network, 'serve'>;
  private readonly iam: Iam;
  /** Paths of files, by bucket and key. */
  private readonly files = new Map<string, string>();

  constructor({ network, iam }: { network: Pick<Network, 'serve'>; iam: Iam }) {
    this.network = network;
    this.iam = iam;
  }

  /** Publishes a file. Its content is read when it is asked for: the key contains its hash. */
  publish(location: Location, key: string, path: string): void {
    this.files.set(`${assetBucket(location)}/${key}`, path);
  }

  serveIn(region: string): void {
    this.network.serve(`s3.${region}.amazonaws.com`, (request, response) => {
      try {
        const content = this.get(request, region);
        response.writeHead(200, { 'content-length': String(content.length) }).end(content);
      } catch (error) {
        const { code, message, status } =
          error instanceof ServiceError
            ? error
            : new ServiceError('InternalError', String(error), 500);
        response.writeHead(status, { 'content-type': 'application/xml' });
        response.end(`<Error><Code>${code}</Code><Message>${message}</Message></Error>`);
      }
    });
  }

  private get(request: IncomingMessage, region: string): Buffer {
    const object = decodeURIComponent(String(request.url).slice(1));
    if (request.method !== 'GET' || !/^[^/?]+\/[^?]+$/.test(object)) {
      const message = `The sandbox's S3 does not support ${request.method} ${request.url}`;
      throw new ServiceError('NotImplemented', message, 501);
    }
    if (request.headers['x-amz-content-sha256'] === undefined) {
      const message = 'Missing required header for this request: x-amz-content-sha256';
      throw new ServiceError('InvalidRequest', message, 400);
    }
    const caller = callerOf(request, this.iam, 's3', region);
    this.authorize(caller, 's3:GetObject', object);
    const path = this.files.get(object);
    if (path !== undefined) return readFileSync(path);
    // S3 says that there is no such key only to those who may list the bucket.
    this.authorize(caller, 's3:ListBucket', object.slice(0, object.indexOf('/')));
    throw new ServiceError('NoSuchKey', 'The specified key does not exist.', 404);
  }

  private authorize({ roleArn, arn }: Caller, action: string, resource: string): void {
    if (this.iam.allows(roleArn, action, `arn:aws:s3:::${resource}`)) return;
    const message = `User: ${arn} is not authorized to perform: ${action} on resource: ${resource}`;
    throw new ServiceError('AccessDenied', message, 403);
  }
}
