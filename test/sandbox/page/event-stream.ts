import type { ServerResponse } from 'node:http';
import type { Clock } from '../clock.ts';
import { SECURITY_HEADERS } from './gate.ts';
import type { PageEvent } from './protocol.ts';

/** How often to write to an idle connection, which shows that its page is gone. */
const HEARTBEAT_MS = 15_000;

/** The connected pages: each gets every event, as server-sent events. */
export class EventStream {
  private readonly open = new Set<ServerResponse>();
  private readonly ending = new AbortController();
  private readonly maxBacklog: number;

  /** @param options.maxBacklog how many bytes may wait for a slow page, which is then disconnected: it connects again */
  constructor(clock: Clock, { maxBacklog = 32 * 1024 * 1024 } = {}) {
    this.maxBacklog = maxBacklog;
    void this.beat(clock).catch(() => {});
  }

  /** How many pages are connected. */
  get size(): number {
    return this.open.size;
  }

  /** Connects a page, and sends it its first event. */
  add(response: ServerResponse, first: PageEvent): void {
    response.writeHead(200, { ...SECURITY_HEADERS, 'content-type': 'text/event-stream' });
    response.once('close', () => this.open.delete(response));
    this.open.add(response);
    response.write(encode(first));
  }

  send(event: PageEvent): void {
    if (this.open.size > 0) this.write(encode(event));
  }

  close(): void {
    this.ending.abort('closed');
    for (const response of this.open) response.end();
  }

  private write(text: string): void {
    for (const response of this.open) {
      if (response.writableLength > this.maxBacklog) response.destroy();
      else response.write(text);
    }
  }

  private async beat(clock: Clock): Promise<void> {
    for (;;) {
      await clock.sleep(HEARTBEAT_MS, this.ending.signal);
      this.write(':\n\n');
    }
  }
}

/** JSON has no line breaks outside of strings, and none in them. */
function encode(event: PageEvent): string {
  return `data: ${JSON.stringify(event)}\n\n`;
}
