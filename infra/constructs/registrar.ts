import { Duration, Stack, Token, Validations } from 'aws-cdk-lib';
import { type IRole, Role } from 'aws-cdk-lib/aws-iam';
import type { CfnFunction, IFunction } from 'aws-cdk-lib/aws-lambda';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { CustomResource } from 'aws-cdk-lib/core';
import { Provider } from 'aws-cdk-lib/custom-resources';
import { Construct } from 'constructs';
import { FunctionLogging, NodeFunction } from './node-function.ts';

/** Time for one resource: Telegram keeps a failed DNS look-up for 5 minutes, and it is tried past that. */
const registrarTimeout = Duration.minutes(12);
/** The provider framework runs for 15 minutes at most; CloudFormation waits for its last word. */
const serviceTimeout = Duration.minutes(16);

/**
 * The Lambda that speaks to Telegram at deploy time, behind the CDK's provider framework. One per
 * stack serves every bot in it: see `functions/registrar/`.
 */
export class Registrar extends Construct {
  /** The stack's registrar, made when the first bot asks for it. */
  static getOrCreate(scope: Construct): Registrar {
    const stack = Stack.of(scope);
    const existing = stack.node.tryFindChild('Registrar');
    if (existing instanceof Registrar) return existing;
    if (!existing) return new Registrar(stack, 'Registrar');
    throw new Error(
      `${existing.node.path} has the id that the kit's registrar takes in every stack with a bot: rename it`,
    );
  }

  /** The function that handles the events of all custom resources. */
  readonly function: NodeFunction;
  private readonly provider: Provider;
  private readonly readers = new Map<ISecret, IRole>();

  private constructor(scope: Construct, id: string) {
    super(scope, id);
    this.function = new NodeFunction(this, 'Function', {
      entry: 'functions/registrar/index.ts',
      description: 'Registers the webhooks of the Telegram bots in this stack',
      memorySize: 256,
      timeout: registrarTimeout,
      logRetention: RetentionDays.ONE_MONTH,
    });
    const framework = new FunctionLogging(this, 'FrameworkLogging', RetentionDays.ONE_MONTH);
    this.provider = new Provider(this, 'Provider', {
      onEventHandler: this.function,
      frameworkOnEventRole: framework.role,
      logGroup: framework.logGroup,
    });
    const functionId = Stack.of(this).getLogicalId(this.function.node.defaultChild as CfnFunction);
    Validations.of(framework).acknowledge({
      id: `AwsSolutions-IAM5[Resource::<${functionId}.Arn>:*]`,
      reason: 'The provider framework may invoke any version of the registrar, and nothing else.',
    });
  }

  /**
   * Adds a custom resource that this registrar serves. It is created after everything the registrar
   * needs to act, `right` included, and deleted before any of it.
   */
  addResource(
    scope: Construct,
    id: string,
    resource: { type: string; right: IRole; properties: object },
  ): CustomResource {
    const customResource = new CustomResource(scope, id, {
      serviceToken: this.provider.serviceToken,
      resourceType: resource.type,
      serviceTimeout,
      properties: resource.properties,
    });
    customResource.node.addDependency(this, resource.right);
    return customResource;
  }

  /**
   * The registrar's role with the right to read one bot's token, by a policy that comes and goes with
   * the bot and its secret. In the role's own policy, that right would end with the update that takes
   * a bot out of the stack, or gives it another secret, before CloudFormation asks for the removal of
   * the former webhook.
   */
  tokenReader(token: ISecret, scope: Construct): IRole {
    const known = this.readers.get(token);
    if (known) return known;
    const reader = this.roleIn(scope, `Reads-${labelOf(token)}`);
    token.grantRead(reader);
    this.readers.set(token, reader);
    return reader;
  }

  /** The registrar's role with the right to invoke a bot, which comes and goes with the bot too. */
  botInvoker(bot: IFunction, scope: Construct): IRole {
    const invoker = this.roleIn(scope, 'InvokesBot');
    bot.grantInvokeLatestVersion(invoker);
    return invoker;
  }

  private roleIn(scope: Construct, id: string): IRole {
    const { roleName } = this.function.role as IRole;
    return Role.fromRoleName(scope, id, roleName);
  }
}

/** Names a secret in a construct id. */
function labelOf({ secretName, node }: ISecret): string {
  return Token.isUnresolved(secretName) ? node.id : secretName.replaceAll('/', '-');
}
