import {
  type App,
  CfnOutput,
  Duration,
  NestedStack,
  PermissionsBoundary,
  Size,
  Stack,
  type Stage,
  Tags,
} from 'aws-cdk-lib';
import { HttpMethod, HttpRoute, HttpRouteKey } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { Dashboard, GraphWidget } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { AttributeType, Table, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { ManagedPolicy } from 'aws-cdk-lib/aws-iam';
import { Alias, type CfnFunction } from 'aws-cdk-lib/aws-lambda';
import { FilterPattern, MetricFilter, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { NodeFunction } from '../../infra/constructs/node-function.ts';
import { TelegramBotStack, type TelegramBotStackProps } from '../../infra/telegram-bot-stack.ts';

/** A change that users make to an app in their first weeks. */
export interface Addition {
  /** @default - no other props */
  readonly props?: Partial<TelegramBotStackProps>;
  /** @default - nothing is added */
  readonly add?: (stack: TelegramBotStack) => void;
  /** The notes that lenient mode prints. @default - none: it works, or makes no difference */
  readonly notes?: readonly string[];
}

const inNameOnly = (path: string, type: string) =>
  `${path}: ${type} is not emulated here; it exists in name only`;

/** The function that runs the bot, as CloudFormation knows it. */
function botOf({ bot }: TelegramBotStack): CfnFunction {
  return bot.bot.node.defaultChild as CfnFunction;
}

export const additions: Readonly<Record<string, Addition>> = {
  'a table with a grant': {
    add(stack) {
      const table = new Table(stack, 'Chats', {
        partitionKey: { name: 'chat', type: AttributeType.STRING },
      });
      table.grantReadWriteData(stack.bot.bot);
      stack.bot.bot.addEnvironment('TABLE_NAME', table.tableName);
    },
  },
  'a table of the second generation': {
    add(stack) {
      const table = new TableV2(stack, 'Sessions', {
        partitionKey: { name: 'chat', type: AttributeType.STRING },
        timeToLiveAttribute: 'expires',
      });
      table.grantReadWriteData(stack.bot.bot);
    },
  },
  'a bucket': {
    add: (stack) => new Bucket(stack, 'Files').grantRead(stack.bot.bot),
    notes: [inNameOnly('Files', 'AWS::S3::Bucket')],
  },
  'a topic with a subscription': {
    add(stack) {
      const topic = new Topic(stack, 'News');
      topic.addSubscription(new EmailSubscription('ada@example.com'));
      stack.bot.bot.addEnvironment('TOPIC', topic.topicArn);
    },
  },
  'an alarm, a dashboard and a filter of the log': {
    add(stack) {
      const alarm = stack.bot.bot
        .metricErrors()
        .createAlarm(stack, 'Errors', { threshold: 1, evaluationPeriods: 1 });
      alarm.addAlarmAction(new SnsAction(Topic.fromTopicArn(stack, 'Imported', TOPIC)));
      new Dashboard(stack, 'Board', {
        widgets: [[new GraphWidget({ left: [stack.bot.bot.metricErrors()] })]],
      });
      new MetricFilter(stack, 'Filter', {
        logGroup: stack.bot.endpoint.accessLogGroup,
        filterPattern: FilterPattern.literal('5*'),
        metricNamespace: 'Bot',
        metricName: 'Failures',
      });
    },
    notes: [
      inNameOnly('Board', 'AWS::CloudWatch::Dashboard'),
      inNameOnly('Filter', 'AWS::Logs::MetricFilter'),
    ],
  },
  'a rule that invokes the bot': {
    add(stack) {
      new Rule(stack, 'Morning', {
        schedule: Schedule.cron({ hour: '7', minute: '0' }),
        targets: [new LambdaFunction(stack.bot.bot)],
      });
    },
    notes: [
      'Morning: rules with a schedule do not run here; this AWS::Events::Rule exists in name only',
    ],
  },
  'an explicit account and region': {
    props: { env: { account: '111122223333', region: 'eu-central-1' } },
  },
  'a permissions boundary': {
    props: { permissionsBoundary: PermissionsBoundary.fromName('boundary') },
    notes: ['Permissions boundaries have no effect here'],
  },
  'termination protection': {
    props: { terminationProtection: true },
    notes: ['Kit: termination protection has no effect here'],
  },
  'a nested stack': {
    add(stack) {
      const nested = new NestedStack(stack, 'Storage');
      const table = new Table(nested, 'Users', {
        partitionKey: { name: 'user', type: AttributeType.STRING },
      });
      new StringParameter(nested, 'Host', { stringValue: stack.bot.endpoint.host });
      new Bucket(nested, 'Files');
      table.grantReadData(stack.bot.bot);
      stack.bot.bot.addEnvironment('USERS', table.tableName);
    },
    notes: [inNameOnly('Storage/Files', 'AWS::S3::Bucket')],
  },
  'reserved concurrency': {
    add: (stack) => {
      botOf(stack).reservedConcurrentExecutions = 5;
    },
  },
  'ephemeral storage': {
    add: (stack) => {
      botOf(stack).ephemeralStorage = { size: Size.gibibytes(1).toMebibytes() };
    },
    notes: ['Bot/Endpoint/Receiver: EphemeralStorage has no effect here'],
  },
  'an AWS managed policy on the role of the bot': {
    add(stack) {
      for (const name of [
        'service-role/AWSLambdaVPCAccessExecutionRole',
        'AmazonPollyFullAccess',
      ]) {
        stack.bot.bot.role?.addManagedPolicy(ManagedPolicy.fromAwsManagedPolicyName(name));
      }
    },
    notes: [
      'The managed policy AmazonPollyFullAccess grants nothing here: its content is not known to the sandbox',
    ],
  },
  'a VPC': {
    add(stack) {
      botOf(stack).vpcConfig = { subnetIds: ['subnet-1'], securityGroupIds: ['sg-1'] };
    },
    notes: ['Bot/Endpoint/Receiver: it runs outside its VPC here'],
  },
  'a version and an alias': {
    add(stack) {
      const alias = new Alias(stack, 'Live', {
        aliasName: 'live',
        version: stack.bot.bot.currentVersion,
      });
      new CfnOutput(stack, 'LiveArn', { value: alias.functionArn });
    },
  },
  'a reference between two stacks': {
    add(stack) {
      const consumer = new Stack(stack.node.scope as App, 'Consumer', {
        env: { account: stack.account, region: stack.region },
      });
      const topic = new Topic(stack, 'Shared');
      new StringParameter(consumer, 'TopicArn', { stringValue: topic.topicArn });
      new CfnOutput(consumer, 'BotArn', { value: stack.bot.bot.functionArn });
    },
  },
  tags: { add: (stack) => Tags.of(stack).add('team', 'bots') },
  'another route with a function of its own': {
    add(stack) {
      const health = new NodeFunction(stack, 'Health', {
        entry: 'test/bots/says-its-name.ts',
        description: 'Answers health checks',
        memorySize: 128,
        timeout: Duration.seconds(5),
        logRetention: RetentionDays.ONE_DAY,
      });
      new HttpRoute(stack, 'HealthRoute', {
        httpApi: stack.bot.endpoint.api,
        routeKey: HttpRouteKey.with('/health', HttpMethod.GET),
        integration: new HttpLambdaIntegration('HealthIntegration', health),
      });
    },
  },
  'an export': {
    add: (stack) =>
      new CfnOutput(stack, 'Shown', { value: stack.bot.endpoint.host, exportName: 'bot-host' }),
  },
};

const TOPIC = 'arn:aws:sns:us-east-1:123456789012:alarms';

/** Adds a stack with a bot and some additions to an app. */
export function botWith(
  scope: App | Stage,
  props: TelegramBotStackProps & { name?: string },
  wanted: readonly Addition[],
): TelegramBotStack {
  const { name = 'Kit', ...rest } = props;
  const added = wanted.map((addition) => addition.props ?? {});
  const stack = new TelegramBotStack(scope, name, Object.assign({}, rest, ...added));
  for (const { add } of wanted) add?.(stack);
  return stack;
}
