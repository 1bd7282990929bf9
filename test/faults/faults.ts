import { BotApiError, badRequest, refusal, tooManyRequests } from '../sandbox/index.ts';
import type { ActiveFaults } from './active-faults.ts';
import type { ApiCall, ApiFault } from './bot-api-server.ts';
import type { NetworkFault } from './network.ts';
import type { Simulation } from './simulation.ts';

/**
 * Where a fault is injected: into a call to Telegram, Telegram's DNS lookup, the probe, the readiness check
 * of a bot behind a queue, or the read of the token secret.
 */
export type InjectionPoint =
  | ApiCall['method']
  | 'every call'
  | 'DNS lookup'
  | 'probe'
  | 'readiness'
  | 'secret';

/** One thing that goes wrong, with the facts from which the oracle predicts the outcome of a step. */
export interface Fault {
  readonly point: InjectionPoint;
  readonly name: string;
  /** The fault ends in time for a caller that retries, or does no harm. */
  readonly isTransient: boolean;
  /** The caller retries. Otherwise the first attempt is the last, and the step fails quickly. */
  readonly isRetried: boolean;
  /** The cause is in the settings of this deployment, so a rollback to the previous ones does not meet it. */
  readonly isInSettings?: boolean;
  /** Something else registers a webhook at the same time. */
  readonly isConcurrent?: boolean;
  /** Telegram has removed the previous webhook by the time the caller sees the failure. */
  readonly removesPrevious?: boolean;
  /** The token no longer gives access to the bot, so a destroy has nothing left to do. */
  readonly tokenLost?: boolean;
  /** The failure reason must match this. */
  readonly cause: RegExp;
  /** Activates the fault from now on. */
  inject(simulation: Simulation, isTarget: IsTarget): void;
}

/** Whether a fault at this point hits this call. In a destroy, a fault of setWebhook hits `unregister`. */
export type IsTarget = (point: InjectionPoint, call: ApiCall) => boolean;

const OUTAGES = {
  500: refusal(new BotApiError(500, 'Internal Server Error')),
  '502 in HTML': {
    kind: 'answer',
    status: 502,
    headers: { 'content-type': 'text/html' },
    body: '<html><h1>502 Bad Gateway</h1></html>',
  },
  504: refusal(new BotApiError(504, 'Gateway Timeout')),
  'connection refused': { kind: 'refused' },
  'reset before Telegram acts': { kind: 'reset' },
  'reset after Telegram acted': { kind: 'reset', acted: true },
  'no response': { kind: 'hang' },
  'no response, though Telegram acted': { kind: 'hang', acted: true },
  'response trickles in': { kind: 'trickle', everyMs: 60_000 },
  'response cut short': { kind: 'cut' },
  'ok without a result': { kind: 'answer', status: 200, body: '{"ok":true}', acted: true },
  'ok with another result': { kind: 'answer', status: 200, body: '{"ok":true,"result":{}}' },
} as const satisfies Record<string, ApiFault>;

const OUTAGE_CAUSES: Record<keyof typeof OUTAGES, RegExp> = {
  500: /refused with 500 Internal Server Error/,
  '502 in HTML': /HTTP 502 came with an HTML page/,
  504: /refused with 504 Gateway Timeout/,
  'connection refused': /not reached: .*ECONNREFUSED/,
  'reset before Telegram acts': /not reached: the connection was closed/,
  'reset after Telegram acted': /not reached: the connection was closed/,
  'no response': /no answer within/,
  'no response, though Telegram acted': /no answer within/,
  'response trickles in': /no answer within/,
  'response cut short': /not reached: the connection was closed/,
  'ok without a result': /JSON that is not a Bot API answer/,
  'ok with another result': /the answer is JSON (that is not|without)/,
};

const CALLS = [
  'getMe',
  'getWebhookInfo',
  'setWebhook',
  'verify',
  'unregister',
  'readProfile',
  'writeProfile',
] as const;

/** Telegram's own descriptions when it refuses the webhook itself. */
const REFUSED_SETTINGS = [
  'invalid webhook URL specified',
  'secret token is too long',
  'secret token contains unallowed characters',
  'certificate size is too big (4000000 bytes)',
  'bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443',
  'bad webhook: An HTTPS URL must be provided for webhook',
  'bad webhook: IP address 10.0.0.1 is reserved',
  'bad webhook: IPv6-only addresses are not allowed',
  'bad webhook: Invalid IP address specified',
  'bad webhook: Failed to connect to 3.208.0.1',
];

const conflict = refusal(new BotApiError(409, 'Conflict: terminated by other setWebhook'));

export const faults: readonly Fault[] = [
  ...transientCallFaults(),
  ...CALLS.flatMap(permanentCallFaults),
  ...REFUSED_SETTINGS.map(refusedSettings),
  {
    ...callFault('setWebhook', '409, permanently', { ...conflict, erases: true }),
    isRetried: true,
    isConcurrent: true,
    cause: /409 Conflict.*Another process keeps setting/,
  },
  ...lookupFaults(),
  ...probeFaults(),
  ...readinessFaults(),
  ...secretFaults(),
];

function transientCallFaults(): Fault[] {
  const transient = { ...OUTAGES, '429, retry after 3 s': refusal(tooManyRequests(3)) };
  const everywhere = Object.entries(transient).map(([name, fault]) =>
    callFault('every call', name, fault, { times: 2 }),
  );
  const contested = {
    ...callFault('setWebhook', '409', { ...conflict, erases: true }, { times: 2 }),
    isConcurrent: true,
  };
  return [...everywhere, contested].map((fault) => ({
    ...fault,
    name: `${fault.name}, twice`,
    isTransient: true,
    isRetried: true,
  }));
}

function permanentCallFaults(point: (typeof CALLS)[number]): Fault[] {
  // Telegram has already accepted the webhook: a verification that it does not answer is no reason to fail.
  const isTransient = point === 'verify';
  const outages = Object.entries(OUTAGES).map(([name, fault]) => ({
    ...callFault(point, name, fault),
    isTransient,
    isRetried: true,
    cause: OUTAGE_CAUSES[name as keyof typeof OUTAGES],
  }));
  const refusals = [
    [401, 'Unauthorized'],
    [404, 'Not Found'],
    [400, 'Logged out'],
  ] as const;
  const tokenLost = refusals.map(([code, description]) => ({
    ...callFault(point, `${code} ${description}`, refusal(new BotApiError(code, description))),
    cause: new RegExp(`${code} ${description}`),
    tokenLost: true,
  }));
  const rateLimited = {
    ...callFault(point, '429, retry after 2 hours', refusal(tooManyRequests(7200))),
    // What Telegram rations of the profile is completed later.
    isTransient: isTransient || isOfProfile(point),
    // No wait over an hour is believed.
    cause: isOfProfile(point)
      ? /Telegram rations profile\.\w+: the next attempt is after/
      : /429 Too Many Requests.*Wait at least 3600 seconds/,
  };
  return [...tokenLost, rateLimited, ...outages].map((fault) => ({
    ...fault,
    name: `${fault.name}, permanently`,
  }));
}

/** Whether a fault at this point hits the profile, and neither the identity nor the webhook. */
export function isOfProfile(point: InjectionPoint): boolean {
  return point === 'readProfile' || point === 'writeProfile';
}

function refusedSettings(description: string): Fault {
  const refused = { ...refusal(badRequest(description)), erases: true };
  return {
    ...callFault('setWebhook', `400 ${description}`, refused),
    isInSettings: true,
    cause: /refused with 400 Bad Request.*Correct the webhook's settings/,
  };
}

/** Returns a fault that makes the registrar's call fail, up to `times` times for each method. */
function callFault(
  point: InjectionPoint,
  name: string,
  fault: ApiFault,
  { times = Number.POSITIVE_INFINITY } = {},
): Fault {
  const acts = fault.kind === 'cut' || fault.kind === 'trickle' || hasActed(fault);
  return {
    point,
    name,
    isTransient: false,
    isRetried: false,
    removesPrevious:
      ['setWebhook', 'unregister'].includes(point) && (acts || fault.erases === true),
    cause: /./,
    inject(simulation, isTarget) {
      const hits = new Map<string, number>();
      simulation.faults.telegram = (call) => {
        const count = hits.get(call.method) ?? 0;
        if (!isTarget(point, call) || count >= times) return undefined;
        hits.set(call.method, count + 1);
        return fault;
      };
    },
  };
}

function hasActed(fault: ApiFault): boolean {
  return 'acted' in fault && fault.acted === true;
}

function lookupFaults(): Fault[] {
  const failsFor = (minutes: number, duration: string): Fault => ({
    point: 'DNS lookup',
    name: `Failed to resolve host, ${duration}`,
    isTransient: Number.isFinite(minutes),
    isRetried: true,
    removesPrevious: true,
    cause: /Failed to resolve host.*keeps a failed look-up for 5 minutes/,
    inject(simulation) {
      const end = simulation.clock.now() + minutes * 60_000;
      simulation.faults.lookup = () => (simulation.clock.now() < end ? null : undefined);
    },
  });
  return [
    failsFor(2, 'for 2 minutes'),
    failsFor(7, 'for 7 minutes'),
    failsFor(Number.POSITIVE_INFINITY, 'permanently'),
  ];
}

function probeFaults(): Fault[] {
  const gatewayFaults: [string, NetworkFault, RegExp, number][] = [
    ['host name does not resolve', { code: 'ENOTFOUND' }, /no IPv4 address in DNS/, 180],
    ['TLS not ready', { code: 'EPROTO' }, /not be reached over HTTPS \(EPROTO\)/, 30],
    ['403 from the gateway', { status: 403 }, /answered the probe with 403/, 30],
    ['404 from the gateway', { status: 404 }, /answered the probe with 404/, 30],
    ['500 from the gateway', { status: 500 }, /answered the probe with 500/, 10],
    ['503 from the gateway', { status: 503 }, /answered the probe with 503/, 10],
  ];
  const atGateway = gatewayFaults.flatMap(([name, fault, cause, seconds]) =>
    transientAndPermanent({ point: 'probe', name, cause, seconds }, (simulation, isOn) => {
      simulation.faults.endpoint = (sender) => (sender === 'probe' && isOn() ? fault : undefined);
    }),
  );
  const atReceiver = (['hangs', 'crashes'] as const).flatMap((failure) =>
    // Counted, not timed: one hang outlasts the longest crash that the registrar retries.
    [1, Number.POSITIVE_INFINITY].map(
      (times): Fault => ({
        point: 'probe',
        name: `the receiver ${failure}, ${times === 1 ? 'once' : 'permanently'}`,
        isTransient: times === 1,
        isRetried: true,
        isInSettings: true,
        cause: /answered the probe with 50\d: the receiver crashes on load, times out/,
        inject(simulation) {
          let left = times;
          simulation.faults.receiver = () => (left-- > 0 ? failure : undefined);
        },
      }),
    ),
  );
  return [...atGateway, ...atReceiver];
}

function readinessFaults(): Fault[] {
  type ReadinessFault = ReturnType<NonNullable<ActiveFaults['readiness']>>;
  const failures: [string, ReadinessFault, RegExp, number][] = [
    ['the bot crashes', 'crashes', /behind the queue crashes on load, or times out/, 5],
    ['the bot hangs', 'hangs', /behind the queue crashes on load, or times out/, 5],
    ['invocation denied', { awsError: 'AccessDeniedException' }, /may not invoke the bot/, 20],
    ['invocation throttled', { awsError: 'TooManyRequestsException' }, /could not be invoked/, 30],
  ];
  return failures.flatMap(([name, fault, cause, seconds]) =>
    transientAndPermanent({ point: 'readiness', name, cause, seconds }, (simulation, isOn) => {
      simulation.faults.readiness = () => (isOn() ? fault : undefined);
    }),
  );
}

/** Returns two faults of this deployment: one ends `seconds` after its first hit, the other never ends. */
function transientAndPermanent(
  { point, name, cause, seconds }: Pick<Fault, 'point' | 'name' | 'cause'> & { seconds: number },
  inject: (simulation: Simulation, isOn: () => boolean) => void,
): Fault[] {
  return [seconds, Number.POSITIVE_INFINITY].map((duration) => ({
    point,
    name: `${name}, ${Number.isFinite(duration) ? `for ${duration} s` : 'permanently'}`,
    isTransient: Number.isFinite(duration),
    isRetried: true,
    isInSettings: true,
    cause,
    inject(simulation) {
      let end: number | undefined;
      inject(simulation, () => {
        end ??= simulation.clock.now() + duration * 1000;
        return simulation.clock.now() < end;
      });
    },
  }));
}

function secretFaults(): Fault[] {
  const awsRefusal = (type: string, message: string) => ({
    status: 400,
    body: { __type: type, Message: message, message },
  });
  const missing = awsRefusal('ResourceNotFoundException', "can't find the specified secret.");
  const denied = awsRefusal('AccessDeniedException', 'not authorized');
  const throttled = awsRefusal('ThrottlingException', 'Rate exceeded');
  const holding = (SecretString: string) => ({ status: 200, body: { SecretString } });
  type Response = typeof missing | ReturnType<typeof holding>;
  const failures: [string, Response, Partial<Fault> & { cause: RegExp }, number?][] = [
    ['not found', missing, { tokenLost: true, cause: /does not exist in us-east-1/ }],
    ['access denied, for 10 s', denied, { isTransient: true, isRetried: true, cause: /./ }, 10],
    [
      'access denied, permanently',
      denied,
      { tokenLost: true, isRetried: true, cause: /may not read/ },
    ],
    ['throttled, for 60 s', throttled, { isTransient: true, isRetried: true, cause: /./ }, 60],
    [
      'throttled, permanently',
      throttled,
      { isRetried: true, cause: /fails, throttles, or does not answer/ },
    ],
    ['empty', holding(''), { tokenLost: true, cause: /is empty/ }],
    [
      'not a token',
      holding('no-token-and-yet-private'),
      { tokenLost: true, cause: /does not hold a bot token/ },
    ],
    [
      'JSON without a token',
      holding('{"key":"as-private-as-a-token"}'),
      { tokenLost: true, cause: /JSON without a `token` field/ },
    ],
  ];
  return failures.map(([name, response, facts, seconds = Number.POSITIVE_INFINITY]) => ({
    point: 'secret',
    name,
    isTransient: false,
    isRetried: false,
    ...facts,
    inject(simulation) {
      let end: number | undefined;
      if ('SecretString' in response.body) simulation.markPrivate(response.body.SecretString);
      simulation.faults.secrets = () => {
        end ??= simulation.clock.now() + seconds * 1000;
        return simulation.clock.now() < end ? response : undefined;
      };
    },
  }));
}
