import type { ResourceEvent } from './event.ts';
import type { Services } from './services.ts';

/** How long reading the stack's status may take, the SDK's own retries included. */
const STATUS_TIMEOUT_MS = 10_000;

/**
 * Whether CloudFormation sends this event to restore the previous state of a stack. If the stack's status cannot
 * be read, it is not a rollback: a failed deploy must never be reported as a success.
 */
export async function isRollback(
  { RequestType, StackId }: ResourceEvent,
  { stackStatus, log }: Pick<Services, 'stackStatus' | 'log'>,
): Promise<boolean> {
  // Rolling back a create only deletes, and a delete has no rollback.
  if (RequestType !== 'Update') return false;
  try {
    return (await stackStatus(StackId)).startsWith('UPDATE_ROLLBACK_');
  } catch (error) {
    log.warn({ event: 'registrar.status-unknown', because: (error as Error).name });
    return false;
  }
}

/**
 * Reads the status of a stack.
 *
 * @throws what the AWS SDK throws
 */
export async function readStackStatus(stackId: string): Promise<string> {
  // Loaded here, because only updates ask.
  const { CloudFormationClient, DescribeStacksCommand } = await import(
    '@aws-sdk/client-cloudformation'
  );
  const client = new CloudFormationClient({});
  try {
    const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: stackId }), {
      abortSignal: AbortSignal.timeout(STATUS_TIMEOUT_MS),
    });
    return Stacks?.[0]?.StackStatus ?? '';
  } finally {
    client.destroy();
  }
}
