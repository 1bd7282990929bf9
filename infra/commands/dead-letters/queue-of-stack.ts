import { type CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';

const OUTPUT = 'DeadLetterQueueUrl';

/**
 * The URL of the dead-letter queue that a stack has put among its outputs.
 *
 * @throws Error that says what is missing and what to do
 */
export async function queueOfStack(client: CloudFormationClient, name: string): Promise<string> {
  const { Stacks = [] } = await client
    .send(new DescribeStacksCommand({ StackName: name }))
    .catch((error: Error) => {
      if (!/does not exist/.test(error.message)) throw error;
      throw new Error(
        `There is no stack ${name} in this account and region. Name its stage with --stage, and see that ` +
          'AWS_REGION and the credentials are those of the deploy.',
      );
    });
  const outputs = Stacks[0]?.Outputs ?? [];
  const url = outputs.find(({ OutputKey }) => OutputKey === OUTPUT)?.OutputValue;
  if (url) return url;
  throw new Error(
    `Stack ${name} has no output ${OUTPUT}: its bot runs with direct delivery, which has no dead letters. ` +
      'Delivery.queued() has them.',
  );
}
