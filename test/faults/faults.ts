import { BotApiError, badRequest, refusal, tooManyRequests } from '../sandbox/index.ts';
import type { ApiCall, ApiFault } from './bot-api-server.ts';
import type { NetworkFault } from './network.ts';
import type { Faults, Simulation } from './simulation.ts';

/**
 * Where a fault injections: a call to Telegram, Telegram's look-up, the probe, the proof of a bot behind a queue, or
 * the secret's reading.
 */
export type InjectionPoint =
  | ApiCall['method']
  | 'every call'
  | 'look-up'
  | 'probe'
  | 'proof'
  | 'secret';

/** One thing that goes wrong, and what there is to know of it to foretell what becomes of a step. */
export interface FaultKind {
  readonly point: InjectionPoint;
  readonly name: string;
  /** It passes by itself, in time for those who try again, or can be lived with. */
  readonly isTransient: boolean;
  /** Whoever it injections tries again; for anything else the first time is the last, and the failure quick. */
  readonly retried: boolean;
  /** It is in the settings of this deployment, and so not in those that a rollback goes back to. */
  readonly inSettings?: boolean;
  /** Somebody else registers a webhook meanwhile. */
  readonly isConcurrent?: boolean;
  /** Telegram has taken the former webhook down by the time the caller learns of the failure. */
  readonly takesFormerDown?: boolean;
  /** Nobody can act for the bot any more: a destroy has nothing left to do. */
  readonly tokenLost?: boolean;
  /** What the reason has to say. */
  readonly cause: RegExp;
  /** Brings it about, from now on. */
  inject(simulation: Simulation, calls: Calls): void;
}

/** Which calls a fault at a place injections: in a destroy, the removal is the setWebhook. */
export type Calls = (point: InjectionPoint, call: ApiCall) => boolean;

const OUTAGE = {
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
  'no answer': { kind: 'hang' },
  'no answer, though Telegram acted': { kind: 'hang', acted: true },
  'an answer that trickles': { kind: 'trickle', everyMs: 60_000 },
  'an answer cut short': { kind: 'cut' },
  'ok without a result': { kind: 'answer', status: 200, body: '{"ok":true}', acted: true },
} as const satisfies Record<string, ApiFault>;

const OUTAGE_CAUSE: Record<keyof typeof OUTAGE, RegExp> = {
  500: /refused with 500 Internal Server Error/,
  '502 in HTML': /HTTP 502 came with an HTML page/,
  504: /refused with 504 Gateway Timeout/,
  'connection refused': /not reached: .*ECONNREFUSED/,
  'reset before Telegram acts': /not reached: other side closed/,
  'reset after Telegram acted': /not reached: other side closed/,
  'no answer': /no answer within/,
  'no answer, though Telegram acted': /no answer within/,
  'an answer that trickles': /no answer within/,
  'an answer cut short': /not reached: other side closed/,
  'ok without a result': /JSON that is no Bot API answer/,
};

const CALLS = ['getMe', 'getWebhookInfo', 'setWebhook', 'verify', 'removal'] as const;

/** Those that Telegram gives for the webhook itself, in its own words. */
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

export const faultKinds: readonly FaultKind[] = [
  ...healingCalls(),
  ...CALLS.flatMap(failingCalls),
  ...REFUSED_SETTINGS.map(refusedSettings),
  {
    ...atCall('setWebhook', '409, for good', { ...conflict, erases: true }),
    retried: true,
    isConcurrent: true,
    cause: /409 Conflict.*Something else keeps setting/,
  },
  ...lookUps(),
  ...probes(),
  ...proofs(),
  ...secrets(),
];

function healingCalls(): FaultKind[] {
  const passing = { ...OUTAGE, '429, try again in 3 s': refusal(tooManyRequests(3)) };
  const everywhere = Object.entries(passing).map(([name, fault]) =>
    atCall('every call', name, fault, { times: 2 }),
  );
  const contested = {
    ...atCall('setWebhook', '409', { ...conflict, erases: true }, { times: 2 }),
    isConcurrent: true,
  };
  return [...everywhere, contested].map((kind) => ({
    ...kind,
    name: `${kind.name}, twice`,
    isTransient: true,
    retried: true,
  }));
}

function failingCalls(point: (typeof CALLS)[number]): FaultKind[] {
  // Telegram has accepted the webhook: that it cannot be asked about it is no reason to fail.
  const isTransient = point === 'verify';
  const outages = Object.entries(OUTAGE).map(([name, fault]) => ({
    ...atCall(point, name, fault),
    isTransient,
    retried: true,
    cause: OUTAGE_CAUSE[name as keyof typeof OUTAGE],
  }));
  const gone = [
    [401, 'Unauthorized'],
    [404, 'Not Found'],
    [400, 'Logged out'],
  ] as const;
  const tokenLost = gone.map(([code, words]) => ({
    ...atCall(point, `${code} ${words}`, refusal(new BotApiError(code, words))),
    cause: new RegExp(`${code} ${words}`),
    tokenLost: true,
  }));
  const patient = {
    ...atCall(point, '429, try again in 2 hours', refusal(tooManyRequests(7200))),
    isTransient,
    cause: /429 Too Many Requests.*wait 7200 seconds/,
  };
  return [...tokenLost, patient, ...outages].map((kind) => ({
    ...kind,
    name: `${kind.name}, for good`,
  }));
}

function refusedSettings(words: string): FaultKind {
  return {
    ...atCall('setWebhook', `400 ${words}`, { ...refusal(badRequest(words)), erases: true }),
    inSettings: true,
    cause: /refused with 400 Bad Request.*Correct the webhook's settings/,
  };
}

/** A call of the registrar's that fails, so many times in each place. */
function atCall(
  point: InjectionPoint,
  name: string,
  fault: ApiFault,
  { times = Number.POSITIVE_INFINITY } = {},
): FaultKind {
  const acts = fault.kind === 'cut' || fault.kind === 'trickle' || acted(fault);
  return {
    point: point,
    name,
    isTransient: false,
    retried: false,
    takesFormerDown: ['setWebhook', 'removal'].includes(point) && (acts || fault.erases === true),
    cause: /./,
    inject(simulation, injections) {
      const hits = new Map<string, number>();
      simulation.faults.telegram = (call) => {
        const before = hits.get(call.method) ?? 0;
        if (!injections(point, call) || before >= times) return undefined;
        hits.set(call.method, before + 1);
        return fault;
      };
    },
  };
}

function acted(fault: ApiFault): boolean {
  return 'acted' in fault && fault.acted === true;
}

function lookUps(): FaultKind[] {
  const until = (name: string, minutes: number): FaultKind => ({
    point: 'look-up',
    name,
    isTransient: Number.isFinite(minutes),
    retried: true,
    takesFormerDown: true,
    cause: /Failed to resolve host.*keeps a failed look-up for 5 minutes/,
    inject(simulation) {
      const end = simulation.clock.now() + minutes * 60_000;
      simulation.faults.lookUp = () => (simulation.clock.now() < end ? null : undefined);
    },
  });
  return [
    until('Failed to resolve host, for 2 minutes', 2),
    until('Failed to resolve host, for 7 minutes', 7),
    until('Failed to resolve host, for good', Number.POSITIVE_INFINITY),
  ];
}

function probes(): FaultKind[] {
  const answers: [string, NetworkFault, RegExp, number][] = [
    ['name does not resolve', { code: 'ENOTFOUND' }, /no IPv4 address in DNS/, 180],
    ['TLS not ready', { code: 'EPROTO' }, /not be reached over HTTPS \(EPROTO\)/, 30],
    ['403 from the gateway', { status: 403 }, /answered the probe with 403/, 30],
    ['404 from the gateway', { status: 404 }, /answered the probe with 404/, 30],
    ['500 from the gateway', { status: 500 }, /answered the probe with 500/, 10],
    ['503 from the gateway', { status: 503 }, /answered the probe with 503/, 10],
  ];
  const atGateway = answers.flatMap(([name, fault, cause, seconds]) =>
    passingAndLasting({ point: 'probe', name, cause, seconds }, (simulation, isOn) => {
      simulation.faults.endpoint = (sender) => (sender === 'probe' && isOn() ? fault : undefined);
    }),
  );
  const atReceiver = (['hangs', 'crashes'] as const).flatMap((what) =>
    [1, Number.POSITIVE_INFINITY].map(
      (times): FaultKind => ({
        point: 'probe',
        name: `the receiver ${what}, ${times === 1 ? 'once' : 'for good'}`,
        // A time-out takes longer than a crash may last.
        isTransient: times === 1,
        retried: true,
        inSettings: true,
        cause: /answered the probe with 50\d: the receiver crashes as it loads, times out/,
        inject(simulation) {
          let left = times;
          simulation.faults.receiver = () => (left-- > 0 ? what : undefined);
        },
      }),
    ),
  );
  return [...atGateway, ...atReceiver];
}

function proofs(): FaultKind[] {
  const kinds: [string, ReturnType<NonNullable<Faults['readiness']>>, RegExp, number][] = [
    ['the bot crashes', 'crashes', /behind the queue crashes as it loads, or times out/, 5],
    ['the bot hangs', 'hangs', /behind the queue crashes as it loads, or times out/, 5],
    ['may not be invoked', { awsError: 'AccessDeniedException' }, /may not invoke the bot/, 20],
    ['throttled', { awsError: 'TooManyRequestsException' }, /could not be invoked/, 30],
  ];
  return kinds.flatMap(([name, fault, cause, seconds]) =>
    passingAndLasting({ point: 'proof', name, cause, seconds }, (simulation, isOn) => {
      simulation.faults.readiness = () => (isOn() ? fault : undefined);
    }),
  );
}

/** A fault of this deployment that passes so many seconds after it has struck first, and one that does not. */
function passingAndLasting(
  {
    point,
    name,
    cause,
    seconds,
  }: Pick<FaultKind, 'point' | 'name' | 'cause'> & { seconds: number },
  inject: (simulation: Simulation, isOn: () => boolean) => void,
): FaultKind[] {
  return [seconds, Number.POSITIVE_INFINITY].map((end) => ({
    point,
    name: `${name}, ${Number.isFinite(end) ? `for ${end} s` : 'for good'}`,
    isTransient: Number.isFinite(end),
    retried: true,
    inSettings: true,
    cause,
    inject(simulation) {
      let until: number | undefined;
      inject(simulation, () => {
        until ??= simulation.clock.now() + end * 1000;
        return simulation.clock.now() < until;
      });
    },
  }));
}

function secrets(): FaultKind[] {
  const refusal = (type: string, message: string) => ({
    status: 400,
    body: { __type: type, Message: message, message },
  });
  const missing = refusal('ResourceNotFoundException', "can't find the specified secret.");
  const denied = refusal('AccessDeniedException', 'not authorized');
  const throttled = refusal('ThrottlingException', 'Rate exceeded');
  const holding = (SecretString: string) => ({ status: 200, body: { SecretString } });
  type Answer = typeof missing | ReturnType<typeof holding>;
  const kinds: [string, Answer, Partial<FaultKind> & { cause: RegExp }, number?][] = [
    ['not found', missing, { tokenLost: true, cause: /does not exist in us-east-1/ }],
    ['access denied, for 10 s', denied, { isTransient: true, retried: true, cause: /./ }, 10],
    ['access denied, for good', denied, { tokenLost: true, retried: true, cause: /may not read/ }],
    ['throttled, for 60 s', throttled, { isTransient: true, retried: true, cause: /./ }, 60],
    ['throttled, for good', throttled, { retried: true, cause: /failing, throttling, or silent/ }],
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
  return kinds.map(([name, answer, facts, seconds = Number.POSITIVE_INFINITY]) => ({
    point: 'secret',
    name,
    isTransient: false,
    retried: false,
    ...facts,
    inject(simulation) {
      let end: number | undefined;
      if ('SecretString' in answer.body) simulation.hide(answer.body.SecretString);
      simulation.faults.secrets = () => {
        end ??= simulation.clock.now() + seconds * 1000;
        return simulation.clock.now() < end ? answer : undefined;
      };
    },
  }));
}
