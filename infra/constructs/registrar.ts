import { Duration, Lazy, Stack, Validations } from 'aws-cdk-lib';
import {
  CfnRole,
  Grant,
  type IRole,
  PolicyStatement,
  Role,
  ServicePrincipal,
} from 'aws-cdk-lib/aws-iam';
import type { CfnFunction, IFunction } from 'aws-cdk-lib/aws-lambda';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Asset } from 'aws-cdk-lib/aws-s3-assets';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { CustomResource } from 'aws-cdk-lib/core';
import { Provider } from 'aws-cdk-lib/custom-resources';
import { Construct, Dependable, type IConstruct } from 'constructs';
import { validateInlinePolicies } from '../settings/inline-policies.ts';
import { validateStackSize } from '../settings/stack-size.ts';
import { grantTokenRead, secretLabel } from '../settings/token-secret.ts';
import { FunctionLogging } from './function-logging.ts';
import { NodeFunction } from './node-function.ts';
import { RoleWithRights } from './role-with-rights.ts';

/**
 * How long one event may take. Telegram keeps a failed DNS look-up for 5 minutes, and setWebhook is retried past
 * that: `functions/registrar/retry/time-budget.ts` spends the time.
 */
const registrarTimeout = Duration.minutes(13);
/** How long CloudFormation waits for a response: longer than the provider framework's 15 minutes. */
const serviceTimeout = Duration.minutes(16);

/**
 * The Lambda function that calls Telegram during a deploy, behind the CDK's provider framework. Each stack has
 * one for all of its bots: see `functions/registrar/`.
 */
export class Registrar extends Construct {
  /**
   * Returns the stack's registrar, and creates it for the first bot.
   *
   * @throws Error when another construct of the stack has its id
   */
  static getOrCreate(scope: Construct): Registrar {
    const stack = Stack.of(scope);
    const existing = stack.node.tryFindChild('Registrar');
    if (existing instanceof Registrar) return existing;
    if (!existing) return new Registrar(stack, 'Registrar');
    throw new Error(
      `${existing.node.path} has the id that the kit reserves for its registrar in every stack with a bot: rename it`,
    );
  }

  /** The function that handles the events of all custom resources. */
  readonly function: NodeFunction;
  private readonly provider: Provider;
  private readonly bots: IConstruct[] = [];
  private logRetention?: RetentionDays;

  private constructor(scope: Construct, id: string) {
    super(scope, id);
    const logRetention = Lazy.number({ produce: () => this.daysOfLogs() });
    this.function = new NodeFunction(this, 'Function', {
      entry: 'functions/registrar/index.ts',
      description: 'Registers the webhooks of the Telegram bots in this stack',
      memorySize: 256,
      timeout: registrarTimeout,
      logRetention,
      hasEarlyRole: true,
    });
    // A rollback is recognized by the stack's status. AWS's own id of the stack is the whole resource.
    this.function.addToRolePolicy(
      new PolicyStatement({
        actions: ['cloudformation:DescribeStacks'],
        resources: [Stack.of(this).stackId],
      }),
    );
    const framework = new FunctionLogging(this, 'FrameworkLogging', {
      retention: logRetention,
      hasEarlyRole: true,
    });
    this.provider = new Provider(this, 'Provider', {
      onEventHandler: this.function,
      frameworkOnEventRole: framework.role,
      logGroup: framework.logGroup,
    });
    waitForRoleAlone(this.function.role as IRole);
    waitForRoleAlone(framework.role);
    const functionId = Stack.of(this).getLogicalId(this.function.node.defaultChild as CfnFunction);
    Validations.of(framework).acknowledge({
      id: `AwsSolutions-IAM5[Resource::<${functionId}.Arn>:*]`,
      reason: 'The provider framework may invoke any version of the registrar, and nothing else.',
    });
    this.node.addValidation({
      validate: () => [
        ...validateInlinePolicies(this.function.role as IRole),
        ...validateStackSize(Stack.of(this), this.bots),
      ],
    });
  }

  /** Adds a bot. Logs of registrar and framework are kept for the longest time that a bot asks for, as all share them. */
  addBot(bot: IConstruct, logRetention: RetentionDays): void {
    this.bots.push(bot);
    this.logRetention = Math.max(this.logRetention ?? logRetention, logRetention);
  }

  /** Returns undefined, as CloudFormation does, for logs that are kept for good. */
  private daysOfLogs(): number | undefined {
    const retention = this.logRetention ?? RetentionDays.ONE_MONTH;
    return retention === RetentionDays.INFINITE ? undefined : retention;
  }

  /**
   * Adds a custom resource that this registrar handles. It is created after everything that the registrar needs
   * to act, `permission` included, and deleted before any of it.
   */
  addResource(
    scope: Construct,
    id: string,
    resource: { type: string; permission: IRole; properties: object },
  ): CustomResource {
    const customResource = new CustomResource(scope, id, {
      serviceToken: this.provider.serviceToken,
      resourceType: resource.type,
      serviceTimeout,
      properties: resource.properties,
    });
    customResource.node.addDependency(this, resource.permission);
    return customResource;
  }

  /**
   * Returns a role that may read one bot's token and do nothing else, and that only the registrar may assume. It is
   * created and deleted with the bot and its secret: rights of the registrar's role would end as soon as an update removes
   * the bot or changes its secret, that is, before CloudFormation sends the Delete for the old webhook. Therefore another
   * secret is another role: its id comes from the identity of the secret.
   */
  tokenReader(token: ISecret, scope: Construct): IRole {
    const reader = new RoleWithRights(scope, `Reads-${secretLabel(token)}`, {
      description: 'Reads the token of a Telegram bot, for the registrar',
      // Named in the trust policy, a role of the same account needs no right of its own to assume the other.
      assumedBy: this.function.role as IRole,
    });
    grantTokenRead(token, reader.rights, scope);
    return reader;
  }

  /** Returns the registrar's role with permission to invoke a bot, which is deleted with the bot too. */
  botInvoker(bot: IFunction, scope: Construct): IRole {
    const invoker = this.roleIn(scope, 'InvokesBot');
    bot.grantInvokeLatestVersion(invoker);
    return invoker;
  }

  /** Returns the registrar's role with permission to read a file of the app, which is deleted with what needs it. */
  assetReader({ bucket, s3ObjectKey }: Asset, scope: Construct): IRole {
    const reader = this.roleIn(scope, 'ReadsAsset');
    // The asset's own grant is for all assets of the account, and for more than reading.
    const resourceArns = [bucket.arnForObjects(s3ObjectKey)];
    Grant.addToPrincipal({ grantee: reader, actions: ['s3:GetObject'], resourceArns });
    return reader;
  }

  /** Returns the role with which the scheduler invokes the registrar, for the watches of all bots. */
  scheduleInvoker(): IRole {
    const existing = this.node.tryFindChild('ScheduleInvoker');
    if (existing) return existing as Role;
    const { account } = Stack.of(this);
    const role = new Role(this, 'ScheduleInvoker', {
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': account } },
      }),
    });
    this.function.grantInvokeLatestVersion(role);
    // The scheduler invokes asynchronously, and Lambda would retry for hours.
    this.function.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: Duration.minutes(1) });
    return role;
  }

  private roleIn(scope: Construct, id: string): IRole {
    const { roleName } = this.function.role as IRole;
    return Role.fromRoleName(scope, id, roleName);
  }
}

/**
 * Lets functions be created as soon as their role exists, although the CDK makes them wait for its policies, too:
 * IAM takes longer for a policy than Lambda for a function. That is safe for functions that only custom resources
 * invoke, because these wait for the policies. A bot may serve updates while it is deployed: its new code waits.
 */
function waitForRoleAlone(role: IRole): void {
  Dependable.implement(role, {
    dependencyRoots: role.node.children.filter((child) => child instanceof CfnRole),
  });
}
