import { Environment } from '../../functions/contract.ts';
import type { WebhookLocks } from '../../functions/inbound/webhook-secret.ts';
import {
  type Aws,
  arnOf,
  type Clock,
  type CompletedInvocation,
  type FunctionConfiguration,
  FunctionLog,
  type Iam,
  type LambdaService,
  type Logs,
  type Permission,
  Permissions,
  ServiceError,
} from '../sandbox/index.ts';

/** The configuration and the log of a function, as its code sees them. */
export interface FunctionContext {
  readonly configuration: FunctionConfiguration;
  readonly log: Pick<Console, 'info' | 'warn' | 'error'>;
}

/** A function's code, loaded for one configuration. @param timeLeftMs until Lambda ends the invocation */
export type Code = (event: unknown, timeLeftMs: number) => Promise<unknown>;

interface Deployed {
  context: FunctionContext;
  code: Code;
  readonly permissions: Permissions;
}

/**
 * Lambda as CloudFormation and API Gateway use it, with functions that run in this process. Role permissions,
 * timeouts, resource policies and logs work as in the sandbox; there are no bundles and no child processes.
 */
export class InProcessLambda implements LambdaService {
  /** Loads the code of a function. */
  codeOf: (context: FunctionContext) => Code = () => {
    throw new Error('Set codeOf before you create a function');
  };
  private readonly options: InProcessLambdaOptions;
  private readonly functions = new Map<string, Deployed>();

  constructor(options: InProcessLambdaOptions) {
    this.options = options;
  }

  create(configuration: FunctionConfiguration): { arn: string } {
    const permissions = new Permissions();
    this.functions.set(configuration.name, { ...this.load(configuration), permissions });
    return { arn: arnOf('lambda', `function:${configuration.name}`) };
  }

  update(configuration: FunctionConfiguration): void {
    Object.assign(this.find(configuration.name), this.load(configuration));
  }

  async delete(name: string): Promise<void> {
    this.find(name);
    this.functions.delete(name);
  }

  has(name: string): boolean {
    return this.functions.has(name.slice(name.lastIndexOf(':') + 1));
  }

  configurationOf(nameOrArn: string): FunctionConfiguration {
    return this.find(nameOrArn).context.configuration;
  }

  addPermission(functionName: string, id: string, permission: Permission): void {
    this.find(functionName).permissions.add(id, permission);
  }

  removePermission(functionName: string, id: string): void {
    this.find(functionName).permissions.remove(id);
  }

  async invoke(nameOrArn: string, event: unknown): Promise<CompletedInvocation> {
    const { context, code } = this.find(nameOrArn);
    const invocation = await this.run({ context, code }, event);
    this.options.metrics.countInvocation(context.configuration, invocation);
    return invocation;
  }

  private async run(
    { context, code }: Pick<Deployed, 'context' | 'code'>,
    event: unknown,
  ): Promise<CompletedInvocation> {
    const { clock } = this.options;
    const { name, timeout } = context.configuration;
    const started = clock.now();
    const ended = new AbortController();
    const limit = timeout * 1000;
    const timeUp = clock.sleep(limit, ended.signal).then(() => {
      throw new Error(`${name} timed out after ${timeout} seconds`);
    });
    try {
      const result = await Promise.race([timeUp, code(structuredClone(event), limit)]);
      return { payload: JSON.stringify(result ?? null), durationMs: clock.now() - started };
    } catch (error) {
      const { name: errorType, message: errorMessage, stack = '' } = error as Error;
      const trace = stack.split('\n');
      context.log.error({ errorType, errorMessage, trace });
      return {
        functionError: 'Unhandled',
        payload: JSON.stringify({ errorType, errorMessage, trace }),
        durationMs: clock.now() - started,
      };
    } finally {
      ended.abort('ended');
    }
  }

  async invokeAs(
    principal: string,
    sourceArn: string,
    nameOrArn: string,
    event: unknown,
  ): Promise<CompletedInvocation> {
    if (!this.find(nameOrArn).permissions.allows(principal, INVOKE, sourceArn)) {
      throw new ServiceError('AccessDeniedException', `${principal} may not invoke it`, 403);
    }
    return this.invoke(nameOrArn, event);
  }

  async invokeByUrl(nameOrArn: string, event: unknown): Promise<CompletedInvocation> {
    if (!this.find(nameOrArn).permissions.allowsUrl()) {
      throw new ServiceError('AccessDeniedException', 'Forbidden', 403);
    }
    return this.invoke(nameOrArn, event);
  }

  /** Invokes a function on behalf of another one, whose role needs the permission. */
  async invokeBy(
    roleArn: string,
    functionArn: string,
    event: unknown,
  ): Promise<CompletedInvocation> {
    if (!this.options.iam.allows(roleArn, INVOKE, functionArn)) {
      throw new ServiceError('AccessDeniedException', `${roleArn} may not invoke it`, 403);
    }
    return this.invoke(functionArn, event);
  }

  async close(): Promise<void> {}

  private load(configuration: FunctionConfiguration): Pick<Deployed, 'context' | 'code'> {
    const { iam, logs } = this.options;
    const { name, roleArn, logGroup = `/aws/lambda/${name}` } = configuration;
    if (!iam.trusts(roleArn, 'lambda.amazonaws.com')) {
      throw new ServiceError('InvalidParameterValueException', 'Lambda cannot assume the role');
    }
    const log = new FunctionLog({ iam, logs, roleArn, group: logGroup, stream: name });
    const write = (level: string) => (message: unknown) =>
      log.write(JSON.stringify({ level, message }));
    const context = {
      configuration,
      log: { info: write('INFO'), warn: write('WARN'), error: write('ERROR') },
    };
    return { context, code: this.codeOf(context) };
  }

  private find(nameOrArn: string): Deployed {
    const deployed = this.functions.get(nameOrArn.slice(nameOrArn.lastIndexOf(':') + 1));
    if (deployed) return deployed;
    throw new ServiceError('ResourceNotFoundException', `Function not found: ${nameOrArn}`, 404);
  }
}

export interface InProcessLambdaOptions {
  readonly clock: Clock;
  readonly iam: Iam;
  readonly logs: Logs;
  readonly metrics: Aws['metrics'];
}

const INVOKE = 'lambda:InvokeFunction';

/** Returns what a receiver's or an ingress's environment tells it to demand of a request. */
export function locksIn({ environment }: FunctionConfiguration): WebhookLocks {
  return {
    secretSha256: environment[Environment.webhookSecretSha256],
    pathSha256: environment[Environment.webhookPathSha256],
  };
}
