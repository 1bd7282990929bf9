import { type CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';

const OUTPUT = 'DeadLetterQueueUrl';

/**
 * Returns the URL of a stack's dead-letter queue, from the stack's outputs.
 *
 * @throws Error that says what is missing and what to do
 */
export async function queueOfStack(client: CloudFormationClient, name: string): Promise<string> {
  const { Stacks = [] } = await client
    .send(new DescribeStacksCommand({ StackName: name }))
    .catch((error: Error) => {
      if (!/does not exist/.test(error.message)) throw error;
      throw new Error(
        `There is no stack ${name} in this account and region. Give its stage with --stage, and make sure that ` +
          'AWS_REGION and the credentials are those of the deploy.',
      );
    });
  const outputs = Stacks[0]?.Outputs ?? [];
  const url = outputs.find(({ OutputKey }) => OutputKey === OUTPUT)?.OutputValue;
  if (url) return url;
  throw new Error(
    `Stack ${name} has no output ${OUTPUT}: its bot uses direct delivery, which has no dead letters. ` +
      'Only Delivery.queued() has them.',
  );
}
