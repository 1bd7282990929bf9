import { setTimeout as sleep } from 'node:timers/promises';
import {
  type CloudFormationClient,
  DescribeStacksCommand,
  paginateListStackResources,
  type Stack,
} from '@aws-sdk/client-cloudformation';
import { type CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';

/** How often a busy stack is looked at. */
const LOOK_MS = 5000;
/** CloudFormation waits at most this long for one of the kit's resources, twice in a rollback. */
const BUSY_MS = 40 * 60_000;

/** Returns a stack; undefined if there is none, or if it was deleted. */
export async function findStack(
  client: CloudFormationClient,
  StackName: string,
): Promise<Stack | undefined> {
  const { Stacks = [] } = await client
    .send(new DescribeStacksCommand({ StackName }))
    .catch((error: Error) => {
      if (/does not exist/.test(error.message)) return { Stacks: [] };
      throw error;
    });
  return Stacks.find(({ StackStatus }) => StackStatus !== 'DELETE_COMPLETE');
}

/**
 * Waits while CloudFormation works on a stack, as it does after an interrupted deploy: it refuses to delete a stack
 * during an update.
 */
export async function untilIdle(client: CloudFormationClient, stack: string): Promise<void> {
  const deadline = Date.now() + BUSY_MS;
  for (;;) {
    const { StackStatus = '' } = (await findStack(client, stack)) ?? {};
    const isBusy = StackStatus.endsWith('_IN_PROGRESS') && StackStatus !== 'REVIEW_IN_PROGRESS';
    if (!isBusy || Date.now() > deadline) return;
    await sleep(LOOK_MS);
  }
}

/** Returns the names of the log groups of a stack, which may be incomplete or missing. */
export async function logGroupsOf(client: CloudFormationClient, stack: string): Promise<string[]> {
  if (!(await findStack(client, stack))) return [];
  const names: string[] = [];
  for await (const page of paginateListStackResources({ client }, { StackName: stack })) {
    for (const { PhysicalResourceId, ResourceType } of page.StackResourceSummaries ?? []) {
      if (ResourceType === 'AWS::Logs::LogGroup' && PhysicalResourceId) {
        names.push(PhysicalResourceId);
      }
    }
  }
  return names;
}

/** Returns which of the log groups exist. */
export async function existingLogGroups(
  client: CloudWatchLogsClient,
  names: readonly string[],
): Promise<string[]> {
  const found = await Promise.all(
    names.map((logGroupName) =>
      client.send(new FilterLogEventsCommand({ logGroupName, limit: 1 })).then(
        () => [logGroupName],
        (error: Error) => {
          if (error.name === 'ResourceNotFoundException') return [];
          throw error;
        },
      ),
    ),
  );
  return found.flat();
}
