import type { APIGatewayProxyEventV2, SQSEvent } from 'aws-lambda';

/** Whether an event is a request from an HTTP API or a Function URL, in payload format 2.0. */
export function isHttpRequest(event: unknown): event is APIGatewayProxyEventV2 {
  const { version, headers } = fieldsOf(event);
  return version === '2.0' && typeof headers === 'object' && headers !== null;
}

/** Whether an event is a batch from an SQS queue. A deploy sends an empty one. */
export function isQueueBatch(event: unknown): event is SQSEvent {
  const { Records } = fieldsOf(event);
  return Array.isArray(Records) && Records.every((one) => fieldsOf(one).eventSource === 'aws:sqs');
}

/** The handler was invoked by something other than the gateway or the queue. */
export class UnknownEventError extends Error {
  constructor(event: unknown) {
    super(
      `receive() handles requests from API Gateway and Function URLs (payload format 2.0) and batches from SQS, but got ${nameOf(event)}. ` +
        'Handle other events before you call it: see "Scheduled messages" in infra/README.md.',
    );
    this.name = 'UnknownEventError';
  }
}

/** Names the source of an event, and nothing of its content. */
function nameOf(event: unknown): string {
  const { source, version, Records, httpMethod } = fieldsOf(event);
  if (version === '1.0' || httpMethod !== undefined) return 'a request in payload format 1.0';
  const [record] = Array.isArray(Records) ? Records : [];
  const { eventSource, EventSource } = fieldsOf(record);
  const name = [source, eventSource, EventSource].find((one) =>
    /^aws[.:][\w.:-]+$/.test(String(one)),
  );
  return name === undefined ? 'something else' : `an event of ${name}`;
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
