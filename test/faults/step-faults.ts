import {
  BotApiError,
  badRequest,
  type ResourceFault,
  refusal,
  tooManyRequests,
} from '../sandbox/index.ts';
import type { ApiCall, ApiFault } from './bot-api-server.ts';
import type { NetworkFault } from './network.ts';
import type { Faults } from './simulation.ts';

const telegram = {
  'bad gateway': { kind: 'answer', status: 502, body: '<html>Bad Gateway</html>' },
  'internal error': refusal(new BotApiError(500, 'Internal Server Error')),
  'too many requests': refusal(tooManyRequests(2)),
  'other setWebhook': refusal(new BotApiError(409, 'Conflict: terminated by other setWebhook')),
  'no host': {
    ...refusal(badRequest('bad webhook: Failed to resolve host: Name or service not known')),
    erases: true,
  },
  'connection refused': { kind: 'refused' },
  'reset before': { kind: 'reset' },
  'reset after': { kind: 'reset', acted: true },
  'cut short': { kind: 'cut' },
  'no answer': { kind: 'hang', acted: true },
  unauthorized: refusal(new BotApiError(401, 'Unauthorized')),
  'not found': refusal(new BotApiError(404, 'Not Found')),
  'bad webhook': {
    ...refusal(badRequest('bad webhook: something new')),
    erases: true,
  },
} as const satisfies Record<string, ApiFault>;

/** Telegram's word that it is no use to try again. */
const FINAL: readonly string[] = ['unauthorized', 'not found', 'bad webhook'];

const endpoint = {
  'no such host': { code: 'ENOTFOUND' },
  'connection reset': { code: 'ECONNRESET' },
  forbidden: { status: 403 },
  'not found': { status: 404 },
  'server error': { status: 500 },
} as const satisfies Record<string, NetworkFault>;

const secrets = {
  throttled: awsError(400, 'ThrottlingException'),
  denied: awsError(400, 'AccessDeniedException'),
  missing: awsError(400, 'ResourceNotFoundException'),
} as const;

const resource = {
  'fails before': { failBefore: 'A fault before' },
  'fails after': { failAfter: 'A fault after' },
  'is delivered twice': { deliveries: 2 },
} as const satisfies Record<string, ResourceFault>;

/** One thing that goes wrong in one step, in words that a failing run prints. */
export type StepFault =
  | (When<'telegram', keyof typeof telegram> & { readonly method: ApiCall['method'] })
  | When<'probe', keyof typeof endpoint>
  | When<'secret', keyof typeof secrets>
  | When<'registration' | 'anything', keyof typeof resource>
  | When<'invocation', 'is lost'>
  | When<'receiver' | 'proof', 'crashes'>;

interface When<At extends string, What extends string> {
  readonly at: At;
  readonly what: What;
  /** So many times it goes well first. */
  readonly after: number;
  /** So many times it goes wrong then. */
  readonly times: number | 'always';
}

export const kinds = {
  telegram: words(telegram),
  probe: words(endpoint),
  secret: words(secrets),
  resource: words(resource),
};

/** The fault in a simulation's terms. */
export function inForce(fault: StepFault): Faults {
  const isDue = counter(fault);
  switch (fault.at) {
    case 'telegram': {
      const befalls: ApiFault = telegram[fault.what];
      const erases = fault.method === 'setWebhook' && befalls.erases;
      return {
        telegram: ({ method }) =>
          method === fault.method && isDue() ? { ...befalls, erases } : undefined,
      };
    }
    case 'probe':
      return {
        endpoint: (sender) => (sender === 'probe' && isDue() ? endpoint[fault.what] : undefined),
      };
    case 'secret':
      return { secrets: () => (isDue() ? secrets[fault.what] : undefined) };
    case 'registration':
      return {
        resource: ({ type }) =>
          type === 'Custom::TelegramWebhook' && isDue() ? resource[fault.what] : undefined,
      };
    case 'anything':
      return { resource: () => (isDue() ? resource[fault.what] : undefined) };
    case 'invocation':
      return { invocation: () => (isDue() ? 'lost' : undefined) };
    case 'receiver':
      return { receiver: () => (isDue() ? 'crashes' : undefined) };
    case 'proof':
      return { readiness: () => (isDue() ? 'crashes' : undefined) };
  }
}

/**
 * Whether a destroy may succeed and leave the webhook by this: it was told that the token is no good, or that
 * it cannot have it. Where nobody answers, a destroy fails instead, to be run again.
 */
export function mayPreventRemoval(fault: StepFault | undefined): boolean {
  if (fault?.at === 'telegram') return ['unauthorized', 'not found'].includes(fault.what);
  if (fault?.at !== 'secret') return false;
  return fault.what === 'missing' || (fault.what === 'denied' && fault.times === 'always');
}

/** Whether a deploy that fails may leave the webhook by this: what made it fail meets the clean-up too. */
export function mayPreventUndo(fault: StepFault | undefined): boolean {
  if (fault?.at !== 'telegram' || fault.method === 'setWebhook') return false;
  return fault.times === 'always' || (fault.times > 1 && FINAL.includes(fault.what));
}

function counter({ after, times }: StepFault): () => boolean {
  let count = 0;
  return () => {
    count += 1;
    return count > after && (times === 'always' || count <= after + times);
  };
}

function awsError(status: number, type: string) {
  return { status, body: { __type: type, message: `A fault: ${type}` } };
}

function words<T extends object>(table: T): (keyof T)[] {
  return Object.keys(table) as (keyof T)[];
}
