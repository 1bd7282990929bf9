import { CALL_TIMEOUT_MS } from '../../telegram/client.ts';

/*
 * Every time limit of the registrar. The stack gives its Lambda function 13 minutes for one event, because
 * Telegram keeps a failed DNS look-up for 5 minutes and setWebhook must be tried after that:
 *
 *   0:00                                                              11:20          12:35        13:00
 *    ├── token, getWebhookInfo ─┬─ probe, up to 4:35 ─┬─ setWebhook ───┼─ undo ───────┼─ response ──┤
 *    │                          │                     │  and verify    │ UNDO_MS      │ RESPONSE_MS │
 *    └──────────────────────────┴── work ─────────────┴────────────────┘              deadline      timeout
 *
 * An attempt may start at the deadline of its phase and then takes up to two Bot API calls.
 * `test/infra/time-budget.test.ts` checks this arithmetic against the template.
 */

/** Reserved for an attempt that starts at the deadline, and for sending the response. */
export const RESPONSE_MS = 25_000;

/** Reserved before the deadline for the last verification, and for undoing what a failed registration has set. */
export const UNDO_MS = 75_000;

/** The first wait between two attempts; waits then double, with full jitter, up to the longest one. */
export const FIRST_WAIT_MS = 500;
export const LONGEST_WAIT_MS = 20_000;

/** The shortest wait between two attempts, so that no answer makes the registrar call without a pause. */
export const SHORTEST_WAIT_MS = 100;

/**
 * How long to retry after AWS denied access. CloudFormation reports a policy as created before IAM has
 * propagated it everywhere; that takes seconds, rarely more than this. A secret that does not exist looks
 * the same in the meantime.
 */
export const POLICY_PROPAGATION_MS = 30_000;

/** How long to retry the probe while DNS does not know the endpoint's name; the rest is for setWebhook. */
export const PROBE_MS = 4 * 60_000;

/** How long to retry the probe after any other answer. Routes and certificates settle within a minute. */
export const ENDPOINT_SETTLING_MS = 60_000;

/** How long to retry the probe after a 5xx. A new permission settles sooner, a crash on load never does. */
export const RECEIVER_CRASHING_MS = 20_000;

/** How long one probe may take: longer than API Gateway waits for a function, because its 503 says more. */
export const PROBE_TIMEOUT_MS = 35_000;

/** How long to retry the verification, which only confirms a setWebhook that has already succeeded. */
export const VERIFY_MS = 60_000;

/** How long to retry the readiness check. It waits for neither a name nor a certificate. */
export const READINESS_MS = 60_000;

/** How long to retry the readiness check after a crash. A function that was just updated settles sooner. */
export const BOT_CRASHING_MS = 10_000;

/** How long one invocation of the bot may take: longer than a cold start. An empty batch takes milliseconds. */
export const INVOKE_TIMEOUT_MS = 20_000;

/** How long reading the status of a stack may take, the SDK's own retries included: as long as a look at the webhook. */
export const STATUS_TIMEOUT_MS = CALL_TIMEOUT_MS;

/**
 * How long after a look at the webhook, and at the stack beside it, a call that depends on it can still take effect.
 * Telegram has no call that compares before it sets, so this is how long others have to wait until nothing decided
 * earlier can overtake them. It assumes that Telegram executes a call within its time limit, or never.
 */
export const ATTEMPT_MS = 2 * CALL_TIMEOUT_MS;

/** The longest that a cancelled registration can keep running: one last probe, and one last attempt. */
export const CANCELLED_REGISTRATION_MS = PROBE_TIMEOUT_MS + ATTEMPT_MS;

/** Time between two looks at a webhook that may still be set. */
export const LOOK_INTERVAL_MS = 5000;

/** How old an event of the watch may be. The scheduler sends it within a minute; an older one may hold old settings. */
export const LATEST_CHECK_MS = 60_000;

/** How long a check retries to read the token and the webhook. What fails for longer is worth a report. */
export const CHECK_MS = 20_000;

/** When the last attempt of a repair may start, from the start of its check. */
export const REPAIR_MS = 2 * 60_000;

/**
 * Time between the two looks that find a webhook missing. setWebhook erases the old webhook before it sets the new
 * one, so another stack's deploy looks the same for as long as its call takes.
 */
export const SECOND_LOOK_MS = CALL_TIMEOUT_MS;

/** How far the clocks of the scheduler and of CloudFormation may be apart. */
export const CLOCK_SKEW_MS = 10_000;

/**
 * How long after the beginning of an update other settings are not repaired: a check that was scheduled in its last
 * minute, with the previous settings, may run after its end. The webhook delivers in the meantime.
 */
export const NEW_SETTINGS_MS = 15 * 60_000;

/**
 * The longest wait that Telegram may ask for before a change of the profile. A name may have to wait for a day: that is no
 * reason to hold up a deploy, because the watch completes it.
 */
export const RATION_MS = 60_000;

/** The longest that a cancelled change of the profile keeps running, unless Telegram is out. */
export const CANCELLED_PROFILE_MS = RATION_MS + ATTEMPT_MS;
