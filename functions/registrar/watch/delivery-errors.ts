/** Why Telegram fails to deliver, and what to do. */
export interface DeliveryDiagnosis {
  readonly cause: string;
  readonly fix: string;
}

/** Telegram's words for an endpoint that rejects the webhook's secret. */
export function isUnauthorized(message: string): boolean {
  return statusOf(message) === 401;
}

/**
 * Explains getWebhookInfo's `last_error_message`. A text that is not known is quoted.
 *
 * @param stack name of the stack, for the commands
 * @see https://github.com/tdlib/telegram-bot-api `WebhookActor.cpp`
 */
export function explainDeliveryError(message: string, stack: string): DeliveryDiagnosis {
  const logs = `npm run logs -- --stack ${stack} --since 15m`;
  const status = statusOf(message);
  if (status !== undefined) {
    const { cause, fix } = statusDiagnosis(status, logs);
    return { cause: `The endpoint answers Telegram with ${status}: ${cause}`, fix };
  }
  const known = connectionProblems.find(({ pattern }) => pattern.test(message));
  if (known) return known;
  return {
    cause: `Telegram cannot deliver, and reports: ${quote(message)}`,
    fix: `Look for the failure in the logs: ${logs}`,
  };
}

function statusOf(message: string): number | undefined {
  const [, status] = /^Wrong response from the webhook: (\d{3})\b/.exec(message) ?? [];
  return status === undefined ? undefined : Number(status);
}

function statusDiagnosis(status: number, logs: string): DeliveryDiagnosis {
  if (status >= 300 && status < 400) {
    return {
      cause: 'Telegram does not follow redirects.',
      fix: 'Respond without a redirect in the proxy in front of the bot.',
    };
  }
  switch (status) {
    case 401:
      return {
        cause: 'the receiver expects another webhook secret.',
        fix: 'Deploy again: npm run deploy',
      };
    case 403:
      return {
        cause: 'the gateway or a firewall in front of it refuses.',
        fix: 'Allow POST requests without a User-Agent in the firewall (AWS WAF blocks them by default).',
      };
    case 404:
    case 410:
      return {
        cause: 'the gateway has lost the route of the webhook.',
        fix: 'Deploy again: npm run deploy. If that changes nothing, see what was removed by hand: npx cdk drift',
      };
    case 413:
      return {
        cause: 'an update is larger than the endpoint accepts.',
        fix: 'Raise the limit for requests in the proxy in front of the bot to 1 MiB.',
      };
    case 429:
      return {
        cause: 'the gateway throttles, so updates are late.',
        fix: 'Raise `throttle`, or the concurrency limit of the account if it is lower; then: npm run deploy',
      };
    case 503:
    case 504:
      return {
        cause: 'the bot takes too long, or Lambda has no capacity for it.',
        fix: `Use Delivery.queued() for work that takes longer; what takes so long is in the logs: ${logs}`,
      };
    default:
      if (status < 500) {
        return {
          cause: 'a proxy or firewall in front of the receiver refuses.',
          fix: 'Find it and allow the request.',
        };
      }
      return {
        cause: 'the bot fails on an update, or crashes on load.',
        fix: `The error is in the logs: ${logs}`,
      };
  }
}

const connectionProblems: readonly ({ pattern: RegExp } & DeliveryDiagnosis)[] = [
  {
    pattern: /^Read timeout expired/,
    cause: 'The endpoint accepts connections but does not answer Telegram within 60 seconds.',
    fix: 'Look at the proxy or address that `ipAddress` names; API Gateway itself answers within 30 seconds.',
  },
  {
    pattern: /certificate verify failed/,
    cause:
      "Telegram does not trust the endpoint's certificate: it has expired, is for another name, or is not the declared one.",
    fix: 'Renew the certificate of the endpoint, name its file in `certificate` if it is your own, and: npm run deploy',
  },
  {
    pattern: /^SSL error/,
    cause: 'Telegram cannot set up TLS with the endpoint.',
    fix: 'Make sure that the endpoint offers TLS 1.2 or later with its full certificate chain.',
  },
  {
    pattern: /Failed to resolve host|Name or service not known|No address associated/,
    cause: "Telegram cannot resolve the endpoint's host name.",
    fix: 'Make sure that the name has an IPv4 address in DNS; Telegram keeps a failed look-up for 5 minutes.',
  },
  {
    pattern:
      /^Connection (refused|timed out|timeout|reset)|Connection (is )?closed|^Failed to connect/,
    cause: 'Telegram cannot connect to the endpoint.',
    fix: 'Make sure that the endpoint is up and accepts connections from 149.154.160.0/20 and 91.108.4.0/22.',
  },
];

/** The longest text of Telegram's that is repeated. */
const LONGEST_QUOTE = 200;

/** Quotes a text without its control characters, and without anything like a URL: a webhook's path is a secret. */
export function quote(text: string): string {
  const printable = text
    .replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .replaceAll(/https?:\/\/\S+/gi, '<url>')
    .replaceAll(/[\w-]{32,}/g, '…')
    .trim();
  return printable.length <= LONGEST_QUOTE ? printable : `${printable.slice(0, LONGEST_QUOTE)}…`;
}
