import {
  BotApiError,
  badRequest,
  type ResourceFault,
  refusal,
  tooManyRequests,
} from '../sandbox/index.ts';
import type { ActiveFaults } from './active-faults.ts';
import type { ApiCall, ApiFault } from './bot-api-server.ts';
import type { NetworkFault } from './network.ts';

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
  'no response': { kind: 'hang', acted: true },
  unauthorized: refusal(new BotApiError(401, 'Unauthorized')),
  'not found': refusal(new BotApiError(404, 'Not Found')),
  'bad webhook': {
    ...refusal(badRequest('bad webhook: something new')),
    erases: true,
  },
} as const satisfies Record<string, ApiFault>;

/** The refusals that the registrar does not retry. */
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
  'fails before': { failBefore: 'Injected fault before the operation' },
  'fails after': { failAfter: 'Injected fault after the operation' },
  'is delivered twice': { deliveries: 2 },
} as const satisfies Record<string, ResourceFault>;

/** One thing that goes wrong in one step, as plain data that a failing run can print. */
export type StepFault =
  | (Occurrence<'telegram', keyof typeof telegram> & { readonly method: ApiCall['method'] })
  | Occurrence<'probe', keyof typeof endpoint>
  | Occurrence<'secret', keyof typeof secrets>
  | Occurrence<'registration' | 'anything', keyof typeof resource>
  | Occurrence<'invocation', 'is lost'>
  | Occurrence<'receiver' | 'readiness', 'crashes'>;

interface Occurrence<At extends string, What extends string> {
  readonly at: At;
  readonly what: What;
  /** How many occasions pass before the fault hits. */
  readonly after: number;
  /** How many times it then hits. */
  readonly times: number | 'always';
}

/** The names of the faults, by where they happen. */
export const faultNames = {
  telegram: keysOf(telegram),
  probe: keysOf(endpoint),
  secret: keysOf(secrets),
  resource: keysOf(resource),
};

/** Returns the fault as a simulation takes it. The count of its hits starts with this call. */
export function activate(fault: StepFault): ActiveFaults {
  const isDue = counter(fault);
  switch (fault.at) {
    case 'telegram': {
      const apiFault: ApiFault = telegram[fault.what];
      const erases = fault.method === 'setWebhook' && apiFault.erases;
      return {
        telegram: ({ method }) =>
          method === fault.method && isDue() ? { ...apiFault, erases } : undefined,
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
    case 'readiness':
      return { readiness: () => (isDue() ? 'crashes' : undefined) };
  }
}

/**
 * Whether a destroy may succeed under this fault and leave the webhook: Telegram rejects the token, or
 * Secrets Manager does not return it. Without a response, a destroy must fail, so that it can be run again.
 */
export function mayPreventUnregister(fault: StepFault | undefined): boolean {
  if (fault?.at === 'telegram') return ['unauthorized', 'not found'].includes(fault.what);
  if (fault?.at !== 'secret') return false;
  return fault.what === 'missing' || (fault.what === 'denied' && fault.times === 'always');
}

/** Whether a failed deploy may leave its webhook under this fault, because the fault hits the undo too. */
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
  return { status, body: { __type: type, message: `Injected fault: ${type}` } };
}

function keysOf<T extends object>(table: T): (keyof T)[] {
  return Object.keys(table) as (keyof T)[];
}
