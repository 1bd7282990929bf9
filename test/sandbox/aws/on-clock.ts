import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { ManualClock, settle } from '../clock.ts';
import { CloudFormation, type StackState } from '../cloudformation/cloudformation.ts';
import { stackOf } from '../cloudformation/fakes.ts';
import type { HostHandler } from '../network/local-network.ts';
import type { Network } from '../network/network.ts';
import { arnOf } from './account.ts';
import { Aws } from './aws.ts';
import { lambdaTrust } from './fixtures.ts';
import type { Credentials, PolicyDocument } from './iam.ts';
import type { FunctionConfiguration } from './lambda/configuration.ts';
import type { LambdaService } from './lambda/lambda-service.ts';
import { type Permission, Permissions } from './lambda/permissions.ts';
import { ServiceError } from './service-error.ts';

const OK = { payload: 'null', durationMs: 1 };
const FAILED = { ...OK, functionError: 'Unhandled' as const };

/** Functions that record their events. They fail while `fails` is set. */
class FakeLambda implements LambdaService {
  fails = false;
  readonly events: unknown[] = [];
  private readonly functions = new Map<string, { roleArn: string; permissions: Permissions }>();

  create({ name, roleArn }: Pick<FunctionConfiguration, 'name' | 'roleArn'>): { arn: string } {
    const arn = arnOf('lambda', `function:${name}`);
    this.functions.set(arn, { roleArn, permissions: new Permissions() });
    return { arn };
  }

  update(): void {}

  async delete(nameOrArn: string): Promise<void> {
    this.functions.delete(this.arn(nameOrArn));
  }

  has(nameOrArn: string): boolean {
    return this.functions.has(this.arn(nameOrArn));
  }

  configurationOf(nameOrArn: string): FunctionConfiguration {
    return this.functions.get(this.arn(nameOrArn)) as never;
  }

  addPermission(name: string, id: string, permission: Permission): void {
    this.functions.get(this.arn(name))?.permissions.add(id, permission);
  }

  removePermission(name: string, id: string): void {
    this.functions.get(this.arn(name))?.permissions.remove(id);
  }

  async invoke(nameOrArn: string, event: unknown) {
    if (!this.has(nameOrArn)) throw new ServiceError('ResourceNotFoundException', nameOrArn, 404);
    this.events.push(event);
    return this.fails ? FAILED : OK;
  }

  async invokeAs(principal: string, sourceArn: string, nameOrArn: string, event: unknown) {
    const { permissions } = this.functions.get(this.arn(nameOrArn)) ?? {};
    if (!permissions?.allows(principal, 'lambda:InvokeFunction', sourceArn)) {
      throw new ServiceError('AccessDeniedException', nameOrArn, 403);
    }
    return this.invoke(nameOrArn, event);
  }

  async invokeByUrl(nameOrArn: string, event: unknown) {
    return this.invoke(nameOrArn, event);
  }

  async close(): Promise<void> {}

  private arn(nameOrArn: string): string {
    return nameOrArn.startsWith('arn:') ? nameOrArn : arnOf('lambda', `function:${nameOrArn}`);
  }
}

/** Host names without sockets, because opening a network for each test takes most of its time. */
class MemoryNetwork implements Network {
  private readonly handlers = new Map<string, HostHandler>();

  serve(host: string, handler: HostHandler): () => void {
    this.handlers.set(host, handler);
    return () => this.handlers.delete(host);
  }

  knows(host: string): boolean {
    return this.handlers.has(host);
  }

  request(
    url: URL,
    { body = '', ...request }: { method: string; headers: object; body?: string | Buffer },
  ): ReturnType<Network['request']> {
    const incoming = { url: url.pathname + url.search, complete: true, ...request };
    return new Promise((resolve) => {
      let status = 0;
      const response = {
        writeHead(code: number) {
          status = code;
          return response;
        },
        end: (text = '') => resolve({ status, headers: {}, body: Buffer.from(text) }),
      };
      const sent = Object.assign(Readable.from([Buffer.from(body)]), incoming);
      const handler = this.handlers.get(url.host);
      if (!handler) throw new Error(`${url.host} is not served`);
      handler(sent as unknown as IncomingMessage, response as unknown as ServerResponse);
    });
  }
}

/** An AWS whose time stands still until the test moves it, with one function, `registrar`. */
export class AwsOnClock {
  readonly clock: ManualClock;
  readonly network: MemoryNetwork;
  readonly aws: Aws<FakeLambda>;
  readonly cloudFormation: CloudFormation;
  readonly functionArn: string;
  private readonly operator: Credentials;

  static async start(): Promise<AwsOnClock> {
    const clock = new ManualClock();
    const network = new MemoryNetwork();
    const aws = await Aws.start({ network, clock, startLambda: () => new FakeLambda() });
    return new AwsOnClock(clock, network, aws);
  }

  private constructor(clock: ManualClock, network: MemoryNetwork, aws: Aws<FakeLambda>) {
    this.clock = clock;
    this.network = network;
    this.aws = aws;
    this.cloudFormation = new CloudFormation({ aws, clock });
    const roleArn = this.role('registrar', lambdaTrust);
    this.functionArn = aws.lambda.create({ name: 'registrar', roleArn }).arn;
    this.operator = aws.iam.administrator();
  }

  role(name: string, trust: PolicyDocument, policy?: PolicyDocument): string {
    const { arn } = this.aws.iam.createRole({ name, trust, managedPolicyArns: [] });
    if (policy) this.aws.iam.putPolicy(name, 'policy', policy);
    return arn;
  }

  async deploy(resources: Record<string, unknown>): Promise<StackState> {
    const state = await this.cloudFormation.deploy(stackOf(resources));
    await settle();
    return state;
  }

  /** Moves the clock, and lets everything happen that is due. */
  async advance(ms: number): Promise<void> {
    await settle();
    await this.clock.advance(ms);
    await settle();
  }

  /** Signs a request as the administrator, or as a role, and sends it. @returns the status and the parsed body */
  async request(
    host: string,
    options: {
      service: string;
      path?: string;
      method?: string;
      headers?: Record<string, string>;
      body?: string;
      roleArn?: string;
    },
  ): Promise<{ status: number; body: string }> {
    const { service, path = '/', method = 'POST', headers, body, roleArn } = options;
    const credentials = roleArn ? this.aws.iam.credentials(roleArn) : this.operator;
    const credential = `${credentials.accessKeyId}/20260101/us-east-1/${service}/aws4_request`;
    const response = await this.network.request(new URL(`https://${host}${path}`), {
      method,
      body,
      headers: {
        ...headers,
        authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=host, Signature=0`,
        'x-amz-security-token': credentials.sessionToken,
      },
    });
    return { status: response.status, body: response.body.toString() };
  }

  /** Calls an API of the JSON protocol. */
  // biome-ignore lint/suspicious/noExplicitAny: tests know what they read
  async call(service: string, operation: string, input: object, roleArn?: string): Promise<any> {
    const { body } = await this.request(`${service}.us-east-1.amazonaws.com`, {
      service,
      headers: { 'x-amz-target': `Service.${operation}` },
      body: JSON.stringify(input),
      roleArn,
    });
    return JSON.parse(body);
  }

  close(): Promise<void> {
    return this.aws.close();
  }
}
