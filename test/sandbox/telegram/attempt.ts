import { STATUS_CODES } from 'node:http';
import { unzipSync } from 'node:zlib';
import type { Update } from '@grammyjs/types';
import type { Network, NetworkResponse } from '../network/network.ts';
import { type Parameters, readParameters } from './parameters.ts';
import type { WebhookAddress } from './webhook-address.ts';

/** The endpoint of a delivery, and the webhook settings that apply to it. */
export interface AttemptTarget {
  readonly address: WebhookAddress;
  /** Empty when the webhook has no secret. */
  readonly secretToken: string;
  readonly certificate?: Buffer | undefined;
}

export type AttemptOutcome =
  | { readonly accepted: true; readonly reply: Parameters; readonly status: number }
  | {
      readonly accepted: false;
      /** The problem in Telegram's words, as getWebhookInfo shows it. */
      readonly problem: string;
      /** Undefined when no response arrived. */
      readonly status?: number;
      /** In seconds; 0 when the response has no `Retry-After`. */
      readonly retryAfter: number;
    };

/** Makes one attempt to deliver an update. Never rejects: every failure is an outcome. */
export async function attempt(
  network: Network,
  destination: AttemptTarget,
  update: Update,
  signal: AbortSignal,
): Promise<AttemptOutcome> {
  const { address, certificate } = destination;
  const body = Buffer.from(JSON.stringify(update));
  try {
    const response = await network.request(
      new URL(`https://${address.host}:${address.port}${address.target}`),
      {
        method: 'POST',
        headers: deliveryHeaders(destination, body),
        body,
        signal,
        ca: certificate,
      },
    );
    return await toOutcome(response);
  } catch (error) {
    const problem = signal.aborted ? 'Read timeout expired' : describe(error);
    return { accepted: false, problem, retryAfter: 0 };
  }
}

/**
 * Returns the headers in Telegram's order, without User-Agent and Accept (telegram-bot-api,
 * WebhookActor.cpp).
 */
function deliveryHeaders(destination: AttemptTarget, body: Buffer): Record<string, string> {
  const { address, secretToken } = destination;
  return {
    Host: address.port === 443 ? address.host : `${address.host}:${address.port}`,
    ...(secretToken && { 'X-Telegram-Bot-Api-Secret-Token': secretToken }),
    'Content-Type': 'application/json',
    'Content-Length': String(body.length),
    Connection: 'keep-alive',
    'Accept-Encoding': 'gzip, deflate',
  };
}

async function toOutcome(response: NetworkResponse): Promise<AttemptOutcome> {
  const { status, headers } = response;
  if (status < 200 || status > 299) {
    return {
      accepted: false,
      problem: `Wrong response from the webhook: ${status} ${STATUS_CODES[status] ?? ''}`,
      status,
      retryAfter: Number.parseInt(headers['retry-after'] ?? '', 10) || 0,
    };
  }
  const reply = await readParameters({
    contentType: headers['content-type'],
    body: headers['content-encoding'] ? unzipSync(response.body) : response.body,
  });
  return { accepted: true, reply, status };
}

/** Returns Telegram's wording for an error of OpenSSL or of the operating system. */
function describe(error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException;
  if (CERTIFICATE_ERRORS.has(code)) {
    return 'SSL error {error:0A000086:SSL routines::certificate verify failed}';
  }
  if (code.startsWith('ERR_SSL_')) return `SSL error {${message}}`;
  return SOCKET_ERRORS[code] ?? message;
}

const SOCKET_ERRORS: Record<string, string> = {
  ECONNREFUSED: 'Connection refused',
  ECONNRESET: 'Connection reset by peer',
  ENOTFOUND: 'Failed to resolve host: Name or service not known',
  EPIPE: 'Connection reset by peer',
  ETIMEDOUT: 'Connection timed out',
};

const CERTIFICATE_ERRORS = new Set([
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);
