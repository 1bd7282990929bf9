import type { ResourceEvent } from './event.ts';
import type { Services } from './services.ts';

/**
 * Whether CloudFormation sends this event to restore the previous state of a stack. If the stack's status cannot
 * be read, it is not a rollback: a failed deploy must never be reported as a success.
 */
export async function isRollback(
  { RequestType, StackId }: ResourceEvent,
  { describeStack, log }: Pick<Services, 'describeStack' | 'log'>,
): Promise<boolean> {
  // Rolling back a create only deletes, and a delete has no rollback.
  if (RequestType !== 'Update') return false;
  try {
    return (await describeStack(StackId)).status.startsWith('UPDATE_ROLLBACK_');
  } catch (error) {
    log.warn({ event: 'registrar.status-unknown', because: (error as Error).name });
    return false;
  }
}
