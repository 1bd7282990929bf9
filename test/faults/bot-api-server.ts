import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { botIdOf } from '../../functions/bot-token/parse.ts';
import type { AnyMethod, WebhookApi } from '../../functions/registrar/services.ts';
import { BotApi } from '../../functions/telegram/client.ts';
import { TelegramRefusedError } from '../../functions/telegram/errors.ts';
import { type ManualClock, settle, type Telegram, type TelegramFault } from '../sandbox/index.ts';

/** A call that the registrar is about to make. */
export interface ApiCall {
  readonly botId: number;
  /**
   * The method, distinguished by purpose: `unregister` is a setWebhook with an empty URL, `verify` is a
   * getWebhookInfo after a setWebhook has been tried, and those of the profile are together.
   */
  readonly method:
    | 'getMe'
    | 'getWebhookInfo'
    | 'setWebhook'
    | 'verify'
    | 'unregister'
    | 'readProfile'
    | 'writeProfile';
}

/**
 * How a call fails. `erases` reproduces a trap of Telegram's, which removes the previous webhook before it
 * refuses the new one.
 */
export type ApiFault = (TelegramFault | { readonly kind: 'refused' }) & {
  readonly erases?: boolean;
};

/** Real milliseconds before the client gives up on a response. */
const TIMEOUT_MS = 20_000;
/** The same for a call whose response a fault withholds: the clock advances by `WAIT_MS` instead. */
const SILENT_TIMEOUT_MS = 3;
/** Simulated milliseconds that a call without a response takes: the registrar's own timeout. */
const WAIT_MS = 10_000;

/** The emulated Bot API on a local socket, and the registrar's own client for it. */
export class BotApiServer {
  /** Called before each of the registrar's calls; returns the fault to inject. */
  intercept?: (call: ApiCall) => ApiFault | undefined;
  private readonly server: Server;
  private readonly clock: ManualClock;
  /** The fault of the current call, by bot id. */
  private readonly armed = new Map<number, ApiFault>();
  /** The last call. Calls run one at a time, so that a fault hits the call it is meant for. */
  private lastCall: Promise<unknown> = Promise.resolve();

  static async start(telegram: Telegram, clock: ManualClock): Promise<BotApiServer> {
    const server = createServer((request, response) => telegram.handle(request, response));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new BotApiServer(server, telegram, clock);
  }

  private constructor(server: Server, telegram: Telegram, clock: ManualClock) {
    this.server = server;
    this.clock = clock;
    telegram.intercept = ({ botId = 0 }) => {
      const fault = this.armed.get(botId);
      // A read whose kept connection breaks is sent again, and meets the same fault.
      if (fault?.kind !== 'reset') this.armed.delete(botId);
      if (!fault || fault.kind === 'refused') return undefined;
      if (fault.erases) telegram.eraseWebhook(botId);
      return fault;
    };
  }

  /** Returns a client that no fault affects. */
  plainClient(token: string, timeoutMs = TIMEOUT_MS): BotApi {
    const { port } = this.server.address() as AddressInfo;
    return new BotApi({ token, apiRoot: `http://127.0.0.1:${port}`, timeoutMs });
  }

  /** Resolves when no call is in progress: calls take real time, in which the clock stands still. */
  async idle(): Promise<void> {
    for (let last: unknown; last !== this.lastCall; ) {
      last = this.lastCall;
      await last;
      await settle();
    }
  }

  /** Returns the registrar's client. */
  client(token: string): WebhookApi & AnyMethod {
    const plain = this.plainClient(token);
    const impatient = this.plainClient(token, SILENT_TIMEOUT_MS);
    // No process listens on this port, and `fetch` does not block it.
    const unreachable = new BotApi({ token, apiRoot: 'http://127.0.0.1:2' });
    const botId = Number(botIdOf(token));
    const call = async <T>(method: ApiCall['method'], act: (api: BotApi) => Promise<T>) => {
      const fault = this.intercept?.({ botId, method });
      if (!fault) return act(plain);
      if (fault.kind === 'refused') return act(unreachable);
      this.armed.set(botId, fault);
      try {
        return await callUnder(fault, act);
      } finally {
        // Telegram refuses an unknown token before it comes to the fault, which must not hit the next call.
        this.armed.delete(botId);
      }
    };
    const callUnder = async <T>(fault: ApiFault, act: (api: BotApi) => Promise<T>) => {
      if (fault.kind !== 'hang' && fault.kind !== 'trickle') return act(plain);
      if (fault.kind === 'hang' && fault.acted) {
        // Act first: the impatient client could be gone before Telegram has acted.
        this.armed.delete(botId);
        await act(plain).catch(() => {});
        this.armed.set(botId, { kind: 'hang' });
      }
      try {
        return await act(impatient);
      } finally {
        await this.clock.advance(WAIT_MS);
      }
    };
    const callInTurn = <T>(method: ApiCall['method'], act: (api: BotApi) => Promise<T>) => {
      const result = this.lastCall.then(() => call(method, act));
      this.lastCall = result.catch(() => {});
      return result;
    };
    let hasTried = false;
    return {
      getMe: () => callInTurn('getMe', (api) => api.getMe()),
      getWebhookInfo: () =>
        callInTurn(hasTried ? 'verify' : 'getWebhookInfo', (api) => api.getWebhookInfo()),
      setWebhook(parameters) {
        const method = parameters.url === '' ? 'unregister' : 'setWebhook';
        if (method === 'setWebhook') hasTried = true;
        return callInTurn(method, (api) => api.setWebhook(parameters)).catch((error) => {
          // Telegram takes one setWebhook a second: this one has had no effect that could be verified.
          if (error instanceof TelegramRefusedError && error.code === 429) hasTried = false;
          throw error;
        });
      },
      call: (...call) =>
        callInTurn(call[0].startsWith('get') ? 'readProfile' : 'writeProfile', (api) =>
          api.call(...call),
        ),
    };
  }

  async close(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }
}
