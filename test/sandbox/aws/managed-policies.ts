import type { PolicyDocument } from './policy.ts';

const logs = ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'];
const network = [
  'ec2:CreateNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DeleteNetworkInterface',
  'ec2:AssignPrivateIpAddresses',
  'ec2:UnassignPrivateIpAddresses',
];
const reading = ['Get*', 'List*', 'Describe*', 'BatchGet*', 'Query', 'Scan'];

function allow(...Action: string[]): PolicyDocument {
  return { Statement: { Effect: 'Allow', Action, Resource: '*' } };
}

/** The AWS managed policies that the kit's functions may have, by their names in the ARN. */
export const STRICT_POLICIES: Readonly<Record<string, PolicyDocument>> = {
  'service-role/AWSLambdaBasicExecutionRole': allow(...logs),
  'service-role/AWSLambdaVPCAccessExecutionRole': allow(...logs, ...network),
};

/**
 * AWS managed policies that functions commonly have. They grant what matters to the services of the sandbox.
 * https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html
 */
export const LENIENT_POLICIES: Readonly<Record<string, PolicyDocument>> = {
  ...STRICT_POLICIES,
  'service-role/AWSLambdaENIManagementAccess': allow(...network),
  'service-role/AWSLambdaSQSQueueExecutionRole': allow(
    'sqs:ReceiveMessage',
    'sqs:DeleteMessage',
    'sqs:GetQueueAttributes',
    ...logs,
  ),
  'service-role/AWSLambdaRole': allow('lambda:InvokeFunction'),
  AWSXRayDaemonWriteAccess: allow('xray:*'),
  AWSXrayWriteOnlyAccess: allow('xray:*'),
  CloudWatchLambdaInsightsExecutionRolePolicy: allow(...logs),
  AmazonDynamoDBFullAccess: allow('dynamodb:*'),
  AmazonDynamoDBFullAccess_v2: allow('dynamodb:*'),
  AmazonDynamoDBReadOnlyAccess: allow(...reading.map((verb) => `dynamodb:${verb}`)),
  AmazonSQSFullAccess: allow('sqs:*'),
  SecretsManagerReadWrite: allow('secretsmanager:*'),
  AWSLambda_FullAccess: allow('lambda:*'),
  PowerUserAccess: allow('*'),
  AdministratorAccess: allow('*'),
};
