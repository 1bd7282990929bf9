import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../clock.ts';
import type { Leniency } from '../leniency.ts';
import { LocalNetwork } from '../network/local-network.ts';
import { Watchdog } from '../watchdog.ts';
import { Aws, type LambdaDependencies } from './aws.ts';
import type { PolicyDocument } from './iam.ts';
import { type FunctionConfiguration, Lambda } from './lambda/lambda.ts';

export const lambdaTrust: PolicyDocument = {
  Statement: {
    Effect: 'Allow',
    Action: 'sts:AssumeRole',
    Principal: { Service: 'lambda.amazonaws.com' },
  },
};

export const logsPolicy = 'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole';

export function allow(Action: string | string[], Resource: string | string[]): PolicyDocument {
  return { Statement: [{ Effect: 'Allow', Action, Resource }] };
}

/** Starts the services with functions in real processes, whose code is kept in `directory`. */
export async function startAws(
  network: LocalNetwork,
  directory: string,
  { sourceMaps = false, leniency }: { sourceMaps?: boolean; leniency?: Leniency } = {},
): Promise<Aws<Lambda>> {
  const watchdog = await Watchdog.start(directory);
  const startLambda = (services: LambdaDependencies) =>
    Lambda.start({ ...services, network, directory, clock: systemClock, watchdog, sourceMaps });
  return Aws.start({ network, startLambda, leniency });
}

/** A complete AWS for one test file, with shortcuts to deploy and invoke functions. */
export class TestAws {
  readonly network: LocalNetwork;
  readonly aws: Aws<Lambda>;
  readonly directory: string;

  static async start({
    sourceMaps = false,
    leniency,
  }: {
    sourceMaps?: boolean;
    leniency?: Leniency;
  } = {}): Promise<TestAws> {
    const directory = mkdtempSync(join(tmpdir(), 'sandbox-aws-test-'));
    const network = await LocalNetwork.open(undefined, leniency && { leniency, isOnline: false });
    const aws = await startAws(network, directory, { sourceMaps, leniency });
    return new TestAws(network, aws, directory);
  }

  private constructor(network: LocalNetwork, aws: Aws<Lambda>, directory: string) {
    this.network = network;
    this.aws = aws;
    this.directory = directory;
  }

  /** Deploys a function of one file, with its own role that may log and do what `policy` allows. */
  deploy(
    name: string,
    source: string,
    options: Partial<FunctionConfiguration> & { file?: string; policy?: PolicyDocument } = {},
  ): string {
    const { file = 'index.mjs', policy, ...configuration } = options;
    const role = this.createRole(`${name}-role`, policy);
    return this.aws.lambda.create(
      this.configure(name, source, { roleArn: role, ...configuration }, file),
    ).arn;
  }

  configure(
    name: string,
    source: string,
    configuration: Partial<FunctionConfiguration>,
    file = 'index.mjs',
  ): FunctionConfiguration {
    const codeDirectory = mkdtempSync(join(this.directory, `${name}-`));
    writeFileSync(join(codeDirectory, file), source);
    return {
      name,
      roleArn: `arn:aws:iam::123456789012:role/${name}-role`,
      handler: 'index.handler',
      runtime: 'nodejs24.x',
      timeout: 10,
      memorySize: 128,
      environment: {},
      codeDirectory,
      ...configuration,
    };
  }

  /**
   * Serves a host on which `/held` is answered by the test, and `/arrived` when a request for `/held` is
   * there: so a function can leave a request behind that was certainly sent.
   */
  serveHeld(host: string): { held: Promise<ServerResponse>; close: () => void } {
    let hold: (response: ServerResponse) => void;
    const held = new Promise<ServerResponse>((resolve) => {
      hold = resolve;
    });
    const close = this.network.serve(host, (request, response) => {
      if (request.url === '/held') hold(response);
      else void held.then(() => response.end());
    });
    return { held, close };
  }

  createRole(name: string, policy?: PolicyDocument): string {
    const { iam } = this.aws;
    const { arn } = iam.createRole({ name, trust: lambdaTrust, managedPolicyArns: [logsPolicy] });
    if (policy) iam.putPolicy(name, 'policy', policy);
    return arn;
  }

  async invoke(name: string, event: unknown = {}) {
    const { functionError, payload } = await this.aws.lambda.invoke(name, event);
    return { functionError, result: JSON.parse(payload) };
  }

  /** Returns the log lines of a function that uses the default log group. */
  log(name: string): string[] {
    return this.aws.logs.lines(`/aws/lambda/${name}`);
  }

  /** Returns the headers of a request signed by this role, as far as the sandbox reads them. */
  sign(roleArn: string, service: string, region = 'us-east-1'): Record<string, string> {
    const { accessKeyId, sessionToken } = this.aws.iam.credentials(roleArn, 'test');
    const credential = `${accessKeyId}/20260101/${region}/${service}/aws4_request`;
    return {
      authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=host, Signature=0`,
      'x-amz-security-token': sessionToken,
    };
  }

  async close(): Promise<void> {
    await this.aws.close();
    await this.network.close();
    rmSync(this.directory, { recursive: true });
  }
}

/** Resolves when the process is stopped. */
export async function frozen(pid: number): Promise<void> {
  while (stateOf(pid) !== 'T') await new Promise((resolve) => setTimeout(resolve, 5));
}

function stateOf(pid: number): string {
  // Not every Linux image has `ps`.
  const text =
    process.platform === 'linux'
      ? readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /, '')
      : execFileSync('ps', ['-o', 'state=', '-p', String(pid)], { encoding: 'utf8' });
  return text.slice(0, 1);
}

/** Resolves when no process has this id any more. */
export async function gone(pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
