import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fakeToken, makeCertificate } from '../sandbox/index.ts';
import { BOT_ID } from './events.ts';

export const TOKEN = fakeToken(BOT_ID);

/** The services that handlers call, each with an origin of its own. */
export type Service = 'botApi' | 'secretsManager' | 'sqs';

const RESULTS: Record<Service, object> = {
  botApi: {
    ok: true,
    result: { message_id: 43, date: 1700000000, chat: { id: 1, type: 'private' }, text: 'hello' },
  },
  secretsManager: { Name: 'bench', VersionStages: ['AWSCURRENT'], SecretString: TOKEN },
  sqs: { MessageId: '1', SequenceNumber: '1' },
};

/** Local HTTPS servers that accept every request, without any delay. */
export class BenchServers {
  /** Path of a PEM file for NODE_EXTRA_CA_CERTS. */
  readonly certificateFile: string;
  private readonly servers: Record<Service, Server>;
  private readonly received = new Map<Service, bigint>();

  /** @param directory where the certificate's file is written */
  static async open(directory: string): Promise<BenchServers> {
    const { key, certificate } = await makeCertificate(['localhost']);
    const certificateFile = join(directory, 'certificate.pem');
    writeFileSync(certificateFile, certificate);
    const opened = new BenchServers(certificateFile, () =>
      createServer({ key, cert: certificate }),
    );
    await Promise.all(
      Object.values(opened.servers).map((server) =>
        once(server.listen(0, '127.0.0.1'), 'listening'),
      ),
    );
    return opened;
  }

  private constructor(certificateFile: string, create: () => Server) {
    this.certificateFile = certificateFile;
    this.servers = { botApi: create(), secretsManager: create(), sqs: create() };
    for (const service of ['botApi', 'secretsManager', 'sqs'] as const) {
      const body = JSON.stringify(RESULTS[service]);
      this.servers[service].on('request', async (request: IncomingMessage, response) => {
        await text(request);
        // A connection that is opened in advance may ask for something, but not with POST.
        if (request.method === 'POST' && !this.received.has(service)) {
          this.received.set(service, process.hrtime.bigint());
        }
        response.setHeader('content-type', 'application/json');
        response.setHeader('content-length', body.length);
        response.end(body);
      });
    }
  }

  origin(service: Service): string {
    const { port } = this.servers[service].address() as AddressInfo;
    return `https://localhost:${port}`;
  }

  /**
   * Returns when each service had its first whole POST since this was last asked, in the time of
   * `process.hrtime`, which all processes of a machine share.
   */
  takeReceived(): Map<Service, bigint> {
    const received = new Map(this.received);
    this.received.clear();
    return received;
  }

  async close(): Promise<void> {
    await Promise.all(
      Object.values(this.servers).map(async (server) => {
        server.closeAllConnections();
        server.close();
        await once(server, 'close');
      }),
    );
  }
}
