import type { Network } from '../network/network.ts';
import { arnOf, REGION, randomId } from './account.ts';
import type { Caller, Iam } from './iam.ts';
import { authorize, callerOf, type JsonApiAnswer, jsonApi } from './json-api.ts';
import { ServiceError } from './service-error.ts';

interface Secret {
  readonly arn: string;
  readonly name: string;
  value: string;
  versionId: string;
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
  private readonly secrets = new Map<string, Secret>();

  constructor(options: { network: Pick<Network, 'serve'>; iam: Iam }) {
    this.iam = options.iam;
    options.network.serve(
      `secretsmanager.${REGION}.amazonaws.com`,
      jsonApi('application/x-amz-json-1.1', (request, text) => {
        const target = String(request.headers['x-amz-target']);
        const body = JSON.parse(text);
        const fault = this.intercept?.({ target, body });
        if (fault) return { status: fault.status, body: fault.body as object };
        return this.answer(target, body, callerOf(request, this.iam, 'secretsmanager'));
      }),
    );
  }

  /** Creates the secret, or gives it a new value under the same ARN. */
  put(name: string, value: string): { arn: string } {
    const known = this.secrets.get(name);
    const arn =
      known?.arn ?? arnOf('secretsmanager', `secret:${name}-${randomId(6, SUFFIX_CHARACTERS)}`);
    this.secrets.set(name, { arn, name, value, versionId: crypto.randomUUID() });
    return { arn };
  }

  delete(name: string): void {
    if (!this.secrets.delete(name)) throw missingSecret();
  }

  private answer(target: string, body: Record<string, unknown>, caller: Caller): JsonApiAnswer {
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
    const secret = this.find(id);
    // AWS checks IAM first. For a secret that does not exist, it checks the id as it was given: a role
    // that may read one secret gets "denied", and only a role that may read any secret gets "not found".
    const resource = secret?.arn ?? id;
    authorize(this.iam, caller, { action: 'secretsmanager:GetSecretValue', resource, status: 400 });
    if (!secret) throw missingSecret();
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

  /** Finds a secret by name, by ARN, or by ARN without its random suffix. */
  private find(id: string): Secret | undefined {
    return [...this.secrets.values()].find(
      ({ name, arn }) => id === name || id === arn || id === arn.slice(0, -'-XXXXXX'.length),
    );
  }
}

function missingSecret(): ServiceError {
  return new ServiceError(
    'ResourceNotFoundException',
    "Secrets Manager can't find the specified secret.",
  );
}
