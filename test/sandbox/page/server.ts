import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Assets } from './assets.ts';
import { findChatFile } from './chat-file.ts';
import { EventStream } from './event-stream.ts';
import { isSameToken, refusedBecauseOf, SECURITY_HEADERS } from './gate.ts';
import { Page, type PageOptions } from './page.ts';
import type { ActionResult } from './protocol.ts';
import { readJson, UnreadableRequest } from './request-body.ts';

export interface PageServerOptions extends PageOptions {
  /** @default - the files of the page */
  readonly assets?: Assets;
}

/** Serves the page to browsers on this machine that know its URL. */
export class PageServer {
  readonly page: Page;
  /** Ends with a slash. Whoever knows it can act as every person and break the bot. */
  readonly url: string;
  private readonly server: Server;
  private readonly token: string;
  private readonly stream: EventStream;
  private readonly assets: Assets;

  static async start(options: PageServerOptions): Promise<PageServer> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new PageServer(server, options);
  }

  private constructor(server: Server, options: PageServerOptions) {
    this.server = server;
    this.token = randomBytes(32).toString('base64url');
    this.url = `http://127.0.0.1:${this.port}/${this.token}/`;
    this.assets = options.assets ?? new Assets();
    this.stream = new EventStream(options.sandbox.clock);
    this.page = new Page(options);
    this.page.events.listen((event) => this.stream.send(event));
    server.on('request', (request, response) => {
      this.handle(request, response).catch((error) => this.fail(error, response));
    });
  }

  /** Disconnects every page. */
  async close(): Promise<void> {
    this.page.close();
    this.stream.close();
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }

  private get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const refused = refusedBecauseOf(request, this.port);
    if (refused) return send(response, refused);
    const [, token = '', path] = /^\/([^/?]*)(?:\/([^?]*))?/.exec(request.url ?? '') ?? [];
    if (!isSameToken(token, this.token)) return send(response, 404);
    if (path === undefined) return send(response, 308, { location: `/${this.token}/` });
    const method = path === 'actions' ? 'POST' : 'GET';
    if (request.method !== method) return send(response, 405, { allow: method });
    if (path === 'actions') return this.act(request, response);
    if (path === 'events') {
      this.stream.add(response, { type: 'snapshot', state: this.page.state() });
      return this.page.diagnoseNew();
    }
    const [, fileId] = /^files\/([\w-]+)$/.exec(path) ?? [];
    if (fileId !== undefined) {
      const file = findChatFile(this.page.bots, fileId, request.headers.range);
      if (!file) return send(response, 404);
      return send(response, file.status, file.headers, file.content);
    }
    const asset = await this.assets.at(path);
    if (!asset) return send(response, 404);
    send(response, 200, { 'content-type': asset.type }, asset.content);
  }

  private async act(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const result = await this.page.act(await readJson(request));
    sendResult(response, 200, result);
  }

  private fail(error: Error, response: ServerResponse): void {
    if (response.headersSent) {
      response.destroy();
    } else if (error instanceof UnreadableRequest) {
      sendResult(response, error.status, { ok: false, error: error.message });
    } else {
      send(response, 500, { 'content-type': 'text/plain; charset=utf-8' }, error.message);
    }
  }
}

function sendResult(response: ServerResponse, status: number, result: ActionResult): void {
  send(response, status, { 'content-type': 'application/json' }, JSON.stringify(result));
}

function send(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>> = {},
  content: Uint8Array | string = '',
): void {
  const length = String(Buffer.byteLength(content));
  response.writeHead(status, { ...SECURITY_HEADERS, 'content-length': length, ...headers });
  response.end(content);
}
