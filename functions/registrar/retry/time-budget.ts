import { CALL_TIMEOUT_MS } from '../../telegram/client.ts';

/*
 * Every time limit of the registrar. The stack gives its Lambda function 12 minutes for one event, because
 * Telegram keeps a failed DNS look-up for 5 minutes and setWebhook must be tried after that:
 *
 *   0:00                                                              10:35          11:35        12:00
 *    ├── token, getWebhookInfo ─┬─ probe, up to 4:35 ─┬─ setWebhook ───┼─ undo ───────┼─ response ──┤
 *    │                          │                     │  and verify    │ UNDO_MS      │ RESPONSE_MS │
 *    └──────────────────────────┴── work ─────────────┴────────────────┘              deadline      timeout
 *
 * An attempt may start at the deadline of its phase and then takes up to two Bot API calls.
 * `test/infra/time-budget.test.ts` checks this arithmetic against the template.
 */

/** Reserved for an attempt that starts at the deadline, and for sending the response. */
export const RESPONSE_MS = 25_000;

/** Reserved before the deadline for undoing what a failed registration has set. */
export const UNDO_MS = 60_000;

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

/**
 * The longest that a cancelled registration can keep running: one last probe, one last look at the webhook, and
 * one setWebhook call.
 */
export const CANCELLED_REGISTRATION_MS = PROBE_TIMEOUT_MS + 2 * CALL_TIMEOUT_MS;

/** Time between two looks at the webhook of a cancelled registration. */
export const LOOK_INTERVAL_MS = 5000;
