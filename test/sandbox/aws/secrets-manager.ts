import type { Network } from '../network/network.ts';
import { arnOf, REGION, randomId, SECRET_REGIONS } from './account.ts';
import type { Caller, Iam } from './iam.ts';
import { authorize, callerOf, type JsonApiAnswer, jsonApi } from './json-api.ts';
import type { Kms } from './kms.ts';
import { ServiceError } from './service-error.ts';

interface Secret {
  readonly arn: string;
  readonly name: string;
  readonly region: string;
  readonly value: string;
  readonly versionId: string;
  /** ARN of the key that it is encrypted with; absent for AWS's own. */
  readonly keyArn?: string;
}

const TARGET = 'secretsmanager.GetSecretValue';
const SUFFIX_CHARACTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** Secrets Manager with the one operation that functions need: `GetSecretValue`. */
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
  /** By ARN. */
  private readonly secrets = new Map<string, Secret>();

  constructor(options: { network: Pick<Network, 'serve'>; iam: Iam; kms: Kms }) {
    this.iam = options.iam;
    this.kms = options.kms;
    for (const region of SECRET_REGIONS) this.serve(region, options.network);
  }

  /**
   * Creates the secret, or gives it a new value under the same ARN and the same key.
   *
   * @throws Error for a region in which the sandbox has no secrets
   */
  put(
    name: string,
    value: string,
    options: { region?: string; keyArn?: string } = {},
  ): { arn: string } {
    const { region = REGION } = options;
    if (!SECRET_REGIONS.includes(region)) {
      throw new Error(
        `The sandbox has secrets only in ${SECRET_REGIONS.join(', ')}, not in ${region}`,
      );
    }
    const known = this.find(name, region);
    const suffix = randomId(6, SUFFIX_CHARACTERS);
    const arn = known?.arn ?? arnOf('secretsmanager', `secret:${name}-${suffix}`, region);
    const keyArn = options.keyArn ?? known?.keyArn;
    this.secrets.set(arn, { arn, name, region, value, versionId: crypto.randomUUID(), keyArn });
    return { arn };
  }

  delete(name: string, region = REGION): void {
    const secret = this.find(name, region);
    if (!secret) throw missingSecret();
    this.secrets.delete(secret.arn);
  }

  private serve(region: string, network: Pick<Network, 'serve'>): void {
    network.serve(
      hostIn(region),
      jsonApi('application/x-amz-json-1.1', (request, text) => {
        const target = String(request.headers['x-amz-target']);
        const body = JSON.parse(text);
        const fault = this.intercept?.({ target, body });
        if (fault) return { status: fault.status, body: fault.body as object };
        const caller = callerOf(request, this.iam, 'secretsmanager', region);
        return this.answer(target, body, { caller, region });
      }),
    );
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
    const secret = this.find(id, region);
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
  private find(id: string, region: string): Secret | undefined {
    return [...this.secrets.values()]
      .filter((secret) => secret.region === region)
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
