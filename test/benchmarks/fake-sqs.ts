import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { makeCertificate } from '../sandbox/index.ts';

/** A local HTTPS server that accepts every message, as SQS would. */
export class FakeSqs {
  /** The path of a PEM file for NODE_EXTRA_CA_CERTS. */
  readonly certificateFile: string;
  private readonly server: Server;

  static async open(directory: string): Promise<FakeSqs> {
    const { key, certificate } = await makeCertificate(['localhost']);
    const server = createServer({ key, cert: certificate }, async (request, response) => {
      const { MessageBody } = JSON.parse(await text(request));
      const MD5OfMessageBody = createHash('md5').update(MessageBody).digest('hex');
      response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' });
      response.end(JSON.stringify({ MessageId: '1', MD5OfMessageBody, SequenceNumber: '1' }));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const certificateFile = join(directory, 'certificate.pem');
    writeFileSync(certificateFile, certificate);
    return new FakeSqs(server, certificateFile);
  }

  private constructor(server: Server, certificateFile: string) {
    this.server = server;
    this.certificateFile = certificateFile;
  }

  get queueUrl(): string {
    const { port } = this.server.address() as AddressInfo;
    return `https://localhost:${port}/123456789012/Updates.fifo`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}
