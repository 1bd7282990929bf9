import {
  CreateSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  RestoreSecretCommand,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { isToken } from './ask-telegram.ts';

/** The content of Secrets Manager under a name or an ARN. */
export type SecretState =
  | { readonly kind: 'missing' }
  | { readonly kind: 'deleted' }
  | {
      readonly kind: 'present';
      /** Undefined for a secret without a value, and for one with binary data. */
      readonly value?: string;
    };

/** The secret of a bot token, for an operator. */
export class StoredSecret {
  /** Name, or ARN with or without the six characters that AWS appends. */
  readonly id: string;
  /** The name in the ARN. */
  readonly name: string;
  private readonly client: SecretsManagerClient;

  constructor(client: SecretsManagerClient, id: string) {
    this.client = client;
    this.id = id;
    this.name = /:secret:(.+?)(-[A-Za-z0-9]{6})?$/.exec(id)?.[1] ?? id;
  }

  /** Reads the secret. @throws errors of AWS, among them `AccessDeniedException` */
  async read(): Promise<SecretState> {
    try {
      const { SecretString } = await this.client.send(
        new GetSecretValueCommand({ SecretId: this.id }),
      );
      return { kind: 'present', value: SecretString };
    } catch (error) {
      const { name, message } = error as Error;
      if (name === 'InvalidRequestException' && /delet/.test(message)) return { kind: 'deleted' };
      if (name !== 'ResourceNotFoundException') throw error;
      // AWS has one error for a secret that does not exist and for one that was created without a value.
      return { kind: /staging label/.test(message) ? 'present' : 'missing' };
    }
  }

  /** Cancels the secret's deletion. */
  async restore(): Promise<void> {
    await this.client.send(new RestoreSecretCommand({ SecretId: this.id }));
  }

  /** Creates the secret. @returns its ARN */
  async create(token: string): Promise<string> {
    const { ARN = '' } = await this.client.send(
      new CreateSecretCommand({
        Name: this.name,
        Description: 'Token of a Telegram bot',
        SecretString: token,
      }),
    );
    return ARN;
  }

  /** Stores a value. @returns the secret's ARN */
  async put(value: string): Promise<string> {
    const { ARN = '' } = await this.client.send(
      new PutSecretValueCommand({ SecretId: this.id, SecretString: value }),
    );
    return ARN;
  }
}

/** Returns the token in a secret's value: the plain token, or JSON with a `token` field. */
export function tokenIn(value = ''): string | undefined {
  const token = fieldsOf(value)?.token ?? value;
  const trimmed = typeof token === 'string' ? token.trim() : '';
  return isToken(trimmed) ? trimmed : undefined;
}

/** Returns a secret's value with another token. JSON keeps its other fields. */
export function withToken(value: string | undefined, token: string): string {
  const fields = fieldsOf(value);
  if (value === undefined || fields === undefined) return token;
  // JSON.stringify would round large numbers and drop the layout.
  const inPlace = value.replace(JSON.stringify(fields.token ?? ''), () => JSON.stringify(token));
  return tokenIn(inPlace) === token ? inPlace : JSON.stringify({ ...fields, token });
}

function fieldsOf(value = ''): Record<string, unknown> | undefined {
  if (!value.trim().startsWith('{')) return undefined;
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}
