import type { Leniency } from '../leniency.ts';
import type { Network } from '../network/network.ts';
import {
  ACCOUNT,
  arnOf,
  type Location,
  locationOf,
  REGION,
  randomId,
  SECRET_REGIONS,
} from './account.ts';
import type { Caller, Iam } from './iam.ts';
import {
  type ApiOperation,
  authorize,
  callerOf,
  type JsonApiAnswer,
  jsonApi,
  perform,
  type ServiceCall,
} from './json-api.ts';
import type { Kms } from './kms.ts';
import { ServiceError } from './service-error.ts';

interface Secret {
  readonly arn: string;
  readonly name: string;
  readonly region: string;
  readonly value: string;
  readonly versionId: string;
  readonly description?: string;
  /** ARN of the key that it is encrypted with; absent for AWS's own. */
  readonly keyArn?: string;
}

const TARGET = 'secretsmanager.GetSecretValue';
const SUFFIX_CHARACTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** Secrets Manager with the operation that functions need, `GetSecretValue`, and those that set a token. */
export class SecretsManager {
  /**
   * Intercepts every call, for fault tests. A response that it returns replaces AWS's.
   */
  intercept?: (request: {
    target: string;
    body: unknown;
  }) => undefined | { status: number; body: unknown };

  private readonly iam: Iam;
  private readonly kms: Kms;
  private readonly network: Pick<Network, 'serve'>;
  private readonly regions = new Set<string>();
  private readonly leniency: Leniency | undefined;
  /** By ARN. */
  private readonly secrets = new Map<string, Secret>();

  constructor(options: {
    network: Pick<Network, 'serve'>;
    iam: Iam;
    kms: Kms;
    leniency?: Leniency;
  }) {
    this.iam = options.iam;
    this.kms = options.kms;
    this.network = options.network;
    this.leniency = options.leniency;
    for (const region of SECRET_REGIONS) this.serveIn(region);
  }

  /**
   * Creates the secret, or gives it a new value under the same ARN and the same key.
   *
   * @throws Error for a region in which the sandbox has no secrets
   */
  put(
    name: string,
    value: string,
    options: {
      account?: string;
      region?: string;
      arn?: string;
      keyArn?: string;
      description?: string;
    } = {},
  ): { arn: string } {
    const { account = ACCOUNT, region = REGION } = options;
    if (this.leniency) this.serveIn(region);
    if (!this.regions.has(region)) {
      throw new Error(
        `The sandbox has secrets only in ${SECRET_REGIONS.join(', ')}, not in ${region}`,
      );
    }
    const known = this.find(options.arn ?? name, { account, region });
    const suffix = randomId(6, SUFFIX_CHARACTERS);
    const arn =
      known?.arn ??
      options.arn ??
      arnOf('secretsmanager', `secret:${name}-${suffix}`, { account, region });
    const keyArn = options.keyArn ?? known?.keyArn;
    const description = options.description ?? known?.description;
    const versionId = crypto.randomUUID();
    this.secrets.set(arn, { arn, name, region, value, versionId, description, keyArn });
    return { arn };
  }

  /** Deletes a secret. @param id is its name or its ARN */
  delete(id: string, region = REGION): void {
    const secret = this.find(id, { region });
    if (!secret) throw missingSecret();
    this.secrets.delete(secret.arn);
  }

  has(id: string, location: Partial<Location>): boolean {
    return this.find(id, location) !== undefined;
  }

  /** Returns a value as CloudFormation reads it for a dynamic reference. */
  valueOf(id: string, location: Location): string | undefined {
    return this.find(id, id.startsWith('arn:') ? { region: location.region } : location)?.value;
  }

  /** Serves the API of a region, if it is not served yet. */
  serveIn(region: string): void {
    if (this.regions.has(region)) return;
    this.regions.add(region);
    this.network.serve(
      hostIn(region),
      jsonApi('application/x-amz-json-1.1', async (request, text) => {
        const target = String(request.headers['x-amz-target']);
        const body = JSON.parse(text);
        const fault = this.intercept?.({ target, body });
        if (fault) return { status: fault.status, body: fault.body as object };
        const { network, iam, operations } = this;
        const operation = target.replace('secretsmanager.', '');
        if (target.startsWith('secretsmanager.') && operation in operations) {
          const api = { network, iam, service: 'secretsmanager', region, operations };
          return { status: 200, body: await perform(api, operation, body, request) };
        }
        const caller = callerOf(request, this.iam, 'secretsmanager', region);
        return this.answer(target, body, { caller, region });
      }),
    );
  }

  private readonly operations: Readonly<Record<string, ApiOperation>> = {
    CreateSecret: {
      parameters: ['Name', 'SecretString', 'Description', 'ClientRequestToken'],
      resource: ({ input, location }) => arnOf('secretsmanager', `secret:${input.Name}`, location),
      run: ({ input: { Name, SecretString, Description }, location }) => {
        if (this.find(Name, location)) {
          const message = `The operation failed because the secret ${Name} already exists.`;
          throw new ServiceError('ResourceExistsException', message);
        }
        if (!/^[\w/+=.@-]{1,512}$/.test(Name)) {
          throw new ServiceError('ValidationException', `Invalid name ${Name}`);
        }
        return this.changed(Name, SecretString, { ...location, description: Description });
      },
    },
    PutSecretValue: {
      parameters: ['SecretId', 'SecretString', 'ClientRequestToken'],
      resource: (call) => this.resourceOf(call),
      run: (call) => this.replace(call, call.input.SecretString),
    },
    UpdateSecret: {
      parameters: ['SecretId', 'SecretString', 'Description', 'ClientRequestToken'],
      resource: (call) => this.resourceOf(call),
      run: (call) => {
        const { SecretString = this.secretOf(call).value } = call.input;
        return this.replace(call, SecretString);
      },
    },
    DescribeSecret: {
      parameters: ['SecretId'],
      resource: (call) => this.resourceOf(call),
      run: (call) => {
        const { arn, name, description, keyArn, versionId } = this.secretOf(call);
        const VersionIdsToStages = { [versionId]: ['AWSCURRENT'] };
        const named = { ARN: arn, Name: name, Description: description, KmsKeyId: keyArn };
        return { ...named, VersionIdsToStages };
      },
    },
  };

  /** A secret that does not exist is checked by its id as it was given, like AWS does. */
  private resourceOf({ input: { SecretId }, location }: ServiceCall): string {
    return this.find(String(SecretId), location)?.arn ?? String(SecretId);
  }

  private secretOf({ input: { SecretId }, location }: ServiceCall): Secret {
    const secret = this.find(String(SecretId), location);
    if (secret) return secret;
    throw missingSecret();
  }

  private replace(call: ServiceCall, value: unknown): object {
    const { arn, name, region, keyArn } = this.secretOf(call);
    if (keyArn) this.decrypt(keyArn, call.caller, region);
    const place = { ...locationOf(arn), arn, description: call.input.Description };
    return this.changed(name, value, place);
  }

  private changed(
    name: string,
    value: unknown,
    place: Location & { arn?: string; description?: string },
  ): object {
    if (typeof value !== 'string' || value === '') {
      const message = 'You must provide either SecretString or SecretBinary.';
      throw new ServiceError('InvalidParameterException', message);
    }
    const { arn } = this.put(name, value, place);
    return { ARN: arn, Name: name, VersionId: this.secrets.get(arn)?.versionId };
  }

  private answer(
    target: string,
    body: Record<string, unknown>,
    { caller, region }: { caller: Caller; region: string },
  ): JsonApiAnswer {
    if (target !== TARGET) {
      const message = `The sandbox's Secrets Manager does not support ${target}`;
      throw new ServiceError('UnknownOperationException', message);
    }
    const { SecretId: id, ...others } = body;
    if (typeof id !== 'string' || Object.keys(others).length > 0) {
      throw new ServiceError(
        'InvalidParameterException',
        `The sandbox's GetSecretValue supports only SecretId, got ${Object.keys(body)}`,
      );
    }
    const { account } = locationOf(caller.roleArn);
    // A name is one of the caller's account.
    const secret = this.find(id, id.startsWith('arn:') ? { region } : { account, region });
    if (!secret) {
      this.leniency?.note(
        `The secret ${id} has no value here: give it one with npm start -- --secret '${id}=VALUE', or in .secrets.json`,
      );
    }
    // AWS checks IAM first. For a secret that does not exist, it checks the id as it was given: a role
    // that may read one secret gets "denied", and only a role that may read any secret gets "not found".
    const resource = secret?.arn ?? id;
    authorize(this.iam, caller, { action: 'secretsmanager:GetSecretValue', resource, status: 400 });
    if (!secret) throw missingSecret();
    if (secret.keyArn) this.decrypt(secret.keyArn, caller, region);
    return {
      status: 200,
      body: {
        ARN: secret.arn,
        Name: secret.name,
        SecretString: secret.value,
        VersionId: secret.versionId,
        VersionStages: ['AWSCURRENT'],
      },
    };
  }

  private decrypt(keyArn: string, caller: Caller, region: string): void {
    if (this.kms.decrypts(keyArn, caller, hostIn(region))) return;
    throw new ServiceError('AccessDeniedException', 'Access to KMS is not allowed');
  }

  /** Finds a secret of a region by name, by ARN, or by ARN without its random suffix. */
  private find(id: string, { account, region }: Partial<Location>): Secret | undefined {
    return [...this.secrets.values()]
      .filter((secret) => !region || secret.region === region)
      .filter((secret) => !account || locationOf(secret.arn).account === account)
      .find(({ name, arn }) => id === name || id === arn || id === arn.slice(0, -'-XXXXXX'.length));
  }
}

/** Returns the API's host name, which is also the service's name in `kms:ViaService`. */
function hostIn(region: string): string {
  return `secretsmanager.${region}.amazonaws.com`;
}

function missingSecret(): ServiceError {
  return new ServiceError(
    'ResourceNotFoundException',
    "Secrets Manager can't find the specified secret.",
  );
}
