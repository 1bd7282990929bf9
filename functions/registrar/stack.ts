import { STATUS_TIMEOUT_MS } from './retry/time-budget.ts';

/** What CloudFormation says about a stack. */
export interface StackSnapshot {
  /** `UPDATE_COMPLETE`; empty for a stack that is not found. */
  readonly status: string;
  /** When its last update began, or its creation if it has none, in milliseconds since the epoch. */
  readonly updatedAt: number;
}

/** A decision depends on the status of the stack, and CloudFormation does not tell it. */
export class StackUnknownError extends Error {
  /** @param because the name of the SDK's error, or what is missing */
  constructor(because: string) {
    super(`the status of the stack could not be read (${because})`);
    this.name = 'StackUnknownError';
  }
}

/**
 * Reads the status of a stack.
 *
 * @throws what the AWS SDK throws
 */
export async function describeStack(stackId: string): Promise<StackSnapshot> {
  // Loaded here, because only updates and repairs ask.
  const { CloudFormationClient, DescribeStacksCommand } = await import(
    '@aws-sdk/client-cloudformation'
  );
  const client = new CloudFormationClient({});
  try {
    const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: stackId }), {
      abortSignal: AbortSignal.timeout(STATUS_TIMEOUT_MS),
    });
    const { StackStatus, LastUpdatedTime, CreationTime } = Stacks?.[0] ?? {};
    const updatedAt = (LastUpdatedTime ?? CreationTime)?.getTime();
    return { status: StackStatus ?? '', updatedAt: updatedAt ?? Number.POSITIVE_INFINITY };
  } finally {
    client.destroy();
  }
}
