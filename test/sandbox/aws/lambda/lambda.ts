import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { WallClock } from '../../clock.ts';
import { buildChildModule } from '../../network/child-module.ts';
import type { LocalNetwork } from '../../network/local-network.ts';
import { Signal } from '../../signal.ts';
import type { Watchdog } from '../../watchdog.ts';
import { arnOf, type Location, REGION } from '../account.ts';
import type { Metrics } from '../cloudwatch/metrics.ts';
import type { Iam } from '../iam.ts';
import type { Logs } from '../logs.ts';
import { ServiceError } from '../service-error.ts';
import { checkConfiguration, type FunctionConfiguration } from './configuration.ts';
import { environmentOf } from './environment.ts';
import { ExecutionEnvironment } from './execution-environment.ts';
import { FunctionLog } from './function-log.ts';
import { serveLambdaApi } from './http-api.ts';
import type { LambdaService } from './lambda-service.ts';
import { forbiddenUrl, type Permission, Permissions } from './permissions.ts';
import { type CompletedInvocation, FunctionRevision, type InvocationEvent } from './revision.ts';
import { linkAwsSdk } from './sdk.ts';

export type { FunctionConfiguration } from './configuration.ts';
export type { CompletedInvocation, InvocationEvent } from './revision.ts';

export interface LambdaOptions {
  readonly network: LocalNetwork;
  readonly iam: Iam;
  readonly logs: Logs;
  readonly metrics: Metrics;
  /** A directory of the sandbox's own, for the functions' code and the runtime. */
  readonly directory: string;
  /** The clock of the functions and their timeouts. */
  readonly clock: WallClock;
  /** Ends the processes if this one dies before `close`, which closes the watchdog too. */
  readonly watchdog: Watchdog;
  /** As in `SandboxOptions`. */
  readonly sourceMaps?: boolean;
  /** As in `SandboxOptions`. */
  readonly skipsWaits?: (configuration: FunctionConfiguration) => boolean;
}

interface DeployedFunction {
  revision: FunctionRevision;
  /** How many invocations are in progress. */
  running: number;
  readonly permissions: Permissions;
  /** Names of versions and aliases. */
  readonly qualifiers: Set<string>;
}

const PRINCIPAL = 'lambda.amazonaws.com';
const INVOKE = 'lambda:InvokeFunction';
const LATEST = '$LATEST';
/** The ARN or the name of a function, and the qualifier behind it. */
const NAME_OR_ARN = /^(?:(arn:aws:lambda:[^:]+:\d+:function:[\w-]+)|([\w-]+))(?::([\w$-]+))?$/;
/** The largest event of a synchronous invocation, in bytes. */
const REQUEST_LIMIT = 6_291_456;

/**
 * Lambda: runs each function's real code in separate processes, over Lambda's Runtime API, with the
 * permissions of its role. Memory and concurrency are not limited.
 */
export class Lambda implements LambdaService {
  /**
   * Returns, for fault tests, whether the connection breaks after an invocation over the API, so that
   * the caller never learns what the function did.
   */
  breaksConnection?: (functionArn: string) => boolean;
  /**
   * Called when a function has responded and left work in progress, with each piece of it: `timer`,
   * `HTTP request` or `file operation`.
   */
  onWorkLeft?: (configuration: FunctionConfiguration, work: readonly string[]) => void;
  /** Called when a function's code could not be loaded, with the error as JSON. */
  onLoadFailure?: (configuration: FunctionConfiguration, error: string) => void;
  readonly invocations = new Signal<InvocationEvent>();
  private readonly options: LambdaOptions;
  private readonly functions = new Map<string, DeployedFunction>();
  /** All revisions that may have processes, including those of replaced configurations. */
  private readonly revisions = new Set<FunctionRevision>();
  private readonly regions = new Set<string>();
  private uploads = 0;

  static async start(options: LambdaOptions): Promise<Lambda> {
    const lambda = new Lambda(options);
    const source = new URL('bootstrap/main.ts', import.meta.url);
    await buildChildModule(source, lambda.bootstrap, 'esm');
    // Lambda's Node runtime provides the AWS SDK for `require`, and nothing else.
    linkAwsSdk(lambda.runtimeModules);
    // Otherwise a package.json in the folder for temporary files would decide what kind of modules functions are.
    mkdirSync(lambda.functionsDirectory);
    writeFileSync(join(lambda.functionsDirectory, 'package.json'), '{}');
    lambda.serveIn(REGION);
    return lambda;
  }

  private constructor(options: LambdaOptions) {
    this.options = options;
  }

  /** Serves the API of a region, if it is not served yet. */
  serveIn(region: string): void {
    if (this.regions.has(region)) return;
    this.regions.add(region);
    serveLambdaApi({ ...this.options, lambda: this }, region);
  }

  create(configuration: FunctionConfiguration): { arn: string } {
    const arn = functionArn(configuration);
    if (this.functions.has(arn)) {
      const message = `Function already exist: ${configuration.name}`;
      throw new ServiceError('ResourceConflictException', message, 409);
    }
    const revision = this.revise(configuration);
    const parts = { permissions: new Permissions(), qualifiers: new Set<string>() };
    this.functions.set(arn, { revision, running: 0, ...parts });
    return { arn };
  }

  /** Replaces the configuration. Running invocations finish with the old one, whose processes then end. */
  update(configuration: FunctionConfiguration): void {
    const deployed = this.find(functionArn(configuration));
    const old = deployed.revision;
    deployed.revision = this.revise(configuration);
    void old.retire().then(() => this.revisions.delete(old));
  }

  async delete(nameOrArn: string): Promise<void> {
    const { revision } = this.find(nameOrArn);
    this.functions.delete(functionArn(revision.configuration));
    await revision.kill();
    this.revisions.delete(revision);
  }

  /** Kills one execution environment during an invocation, for fault tests. @returns whether there was one */
  killOneInstance(nameOrArn: string): boolean {
    return this.find(nameOrArn).revision.killOne();
  }

  /** Makes the name of a version or of an alias lead to the function, which has only its newest code. */
  addQualifier(nameOrArn: string, qualifier: string): void {
    this.find(nameOrArn).qualifiers.add(qualifier);
  }

  removeQualifier(nameOrArn: string, qualifier: string): void {
    this.find(nameOrArn).qualifiers.delete(qualifier);
  }

  addPermission(functionName: string, id: string, permission: Permission): void {
    this.find(functionName).permissions.add(id, permission);
  }

  removePermission(functionName: string, id: string): void {
    this.find(functionName).permissions.remove(id);
  }

  has(nameOrArn: string): boolean {
    return this.lookUp(nameOrArn) !== undefined;
  }

  /** Returns the configuration of the function that a construct has created, by the construct's path. */
  configurationAt(constructPath: string): FunctionConfiguration | undefined {
    return this.configurations().find((one) => one.constructPath === `${constructPath}/Resource`);
  }

  /** Returns the configurations of all functions. */
  configurations(): FunctionConfiguration[] {
    return [...this.functions.values()].map(({ revision }) => revision.configuration);
  }

  configurationOf(nameOrArn: string): FunctionConfiguration {
    return this.find(nameOrArn).revision.configuration;
  }

  /** Invokes like the AWS API, but without checking permissions. */
  async invoke(nameOrArn: string, payload: unknown): Promise<CompletedInvocation> {
    return this.invokeJson(nameOrArn, JSON.stringify(payload ?? null));
  }

  async invokeJson(nameOrArn: string, payload: string): Promise<CompletedInvocation> {
    const deployed = this.find(nameOrArn);
    const { revision } = deployed;
    if (Buffer.byteLength(payload) > REQUEST_LIMIT) {
      const message = `Request must be smaller than ${REQUEST_LIMIT} bytes for the InvokeFunction operation`;
      throw new ServiceError('RequestEntityTooLargeException', message, 413);
    }
    const { reservedConcurrency = Number.POSITIVE_INFINITY } = revision.configuration;
    if (deployed.running >= reservedConcurrency) {
      this.options.metrics.countThrottle(revision.configuration);
      throw new ServiceError('TooManyRequestsException', 'Rate Exceeded.', 429);
    }
    deployed.running++;
    const invocation = await revision.invoke(payload).finally(() => {
      deployed.running--;
    });
    this.options.metrics.countInvocation(revision.configuration, invocation);
    this.options.network.noteUnreachable();
    if (invocation.failedToLoad) this.onLoadFailure?.(revision.configuration, invocation.payload);
    return invocation;
  }

  /**
   * Invokes for another AWS service, if the function's resource policy allows that service and that
   * source.
   */
  async invokeAs(
    principal: string,
    sourceArn: string,
    nameOrArn: string,
    payload: unknown,
  ): Promise<CompletedInvocation> {
    if (!this.find(nameOrArn).permissions.allows(principal, INVOKE, sourceArn)) {
      throw new ServiceError(
        'AccessDeniedException',
        `${principal} may not invoke ${nameOrArn} from ${sourceArn}: no permission of the function allows it`,
        403,
      );
    }
    return this.invoke(nameOrArn, payload);
  }

  /** Invokes for whoever calls the function's URL, if the function's resource policy allows that to everyone. */
  async invokeByUrl(nameOrArn: string, payload: unknown): Promise<CompletedInvocation> {
    if (!this.find(nameOrArn).permissions.allowsUrl()) throw forbiddenUrl();
    return this.invoke(nameOrArn, payload);
  }

  /** Resolves when no invocation is in progress. */
  async quiet(): Promise<void> {
    await Promise.all([...this.revisions].map((revision) => revision.quiet()));
  }

  /** Ends every process. */
  async close(): Promise<void> {
    await Promise.all([...this.revisions].map((revision) => revision.kill()));
    await this.options.watchdog.close();
  }

  private revise(configuration: FunctionConfiguration): FunctionRevision {
    checkConfiguration(configuration);
    const { iam, logs, network, clock, watchdog, sourceMaps = false, skipsWaits } = this.options;
    const { name, roleArn, location } = configuration;
    if (!iam.trusts(roleArn, PRINCIPAL)) {
      throw invalid('The role defined for the function cannot be assumed by Lambda.');
    }
    this.checkRights(configuration);
    // The code is copied, like an upload: outside the project, the project's node_modules cannot
    // supply something that the bundle lacks.
    this.uploads += 1;
    const codeDirectory = join(this.functionsDirectory, `${name}-${this.uploads}`);
    cpSync(configuration.codeDirectory, codeDirectory, { recursive: true });
    const group = configuration.logGroup ?? `/aws/lambda/${name}`;
    const start = (stream: string) => {
      const log = new FunctionLog({ iam, logs, roleArn, group, stream, location });
      return ExecutionEnvironment.start({
        bootstrap: this.bootstrap,
        codeDirectory,
        functionArn: functionArn(configuration),
        timeout: configuration.timeout,
        clock,
        watchdog,
        onWorkLeft: (work) => this.onWorkLeft?.(configuration, work),
        log: (line, requestId) => {
          log.write(line);
          this.invocations.emit({ kind: 'logged', requestId, line });
        },
        openPort: () => network.openPort(),
        environment: (runtimeApi, networkPort) =>
          environmentOf(configuration, {
            codeDirectory,
            nodePath: this.runtimeModules,
            runtimeApi,
            credentials: iam.credentials(roleArn, name),
            logGroup: group,
            logStream: stream,
            network: network.childEnvironment(networkPort),
            clock,
            sourceMaps,
            skipsWaits: skipsWaits?.(configuration) ?? false,
          }),
      });
    };
    const report = (event: InvocationEvent) => this.invocations.emit(event);
    const revision = new FunctionRevision(configuration, { start, clock, report });
    this.revisions.add(revision);
    return revision;
  }

  /** Checks what Lambda itself does with the permissions of the function's role. */
  private checkRights({ roleArn, vpc, deadLetterArn = '' }: FunctionConfiguration): void {
    const service = /^arn:aws:(sqs|sns):/.exec(deadLetterArn)?.[1];
    if (deadLetterArn !== '' && service === undefined) {
      throw invalid(`Invalid dead-letter target: ${deadLetterArn}`);
    }
    const rights = [
      ...(vpc ? [{ service: 'ec2', operation: 'CreateNetworkInterface', on: '*' }] : []),
      ...(service === 'sqs' ? [{ service, operation: 'SendMessage', on: deadLetterArn }] : []),
      ...(service === 'sns' ? [{ service, operation: 'Publish', on: deadLetterArn }] : []),
    ];
    for (const { service, operation, on } of rights) {
      if (this.options.iam.allows(roleArn, `${service}:${operation}`, on)) continue;
      throw invalid(
        `The provided execution role does not have permissions to call ${operation} on ${service.toUpperCase()}`,
      );
    }
  }

  private find(nameOrArn: string): DeployedFunction {
    const deployed = this.lookUp(nameOrArn);
    if (deployed) return deployed;
    const isName = /^[\w-]+$/.test(nameOrArn);
    const message = `Function not found: ${isName ? functionArn({ name: nameOrArn }) : nameOrArn}`;
    throw new ServiceError('ResourceNotFoundException', message, 404);
  }

  /** Finds a function by its ARN or, at home, by its name, with or without a qualifier that it has. */
  private lookUp(nameOrArn: string): DeployedFunction | undefined {
    const [, arn, name = '', qualifier = LATEST] = NAME_OR_ARN.exec(nameOrArn) ?? [];
    const deployed = this.functions.get(arn ?? functionArn({ name }));
    return qualifier === LATEST || deployed?.qualifiers.has(qualifier) ? deployed : undefined;
  }

  private get functionsDirectory(): string {
    return join(this.options.directory, 'functions');
  }

  private get bootstrap(): string {
    return join(this.options.directory, 'runtime', 'bootstrap.mjs');
  }

  private get runtimeModules(): string {
    return join(this.options.directory, 'runtime', 'node_modules');
  }
}

function invalid(message: string): ServiceError {
  return new ServiceError('InvalidParameterValueException', message);
}

function functionArn({ name, location }: { name: string; location?: Location }): string {
  return arnOf('lambda', `function:${name}`, location);
}
