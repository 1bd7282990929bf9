import { storeTokenCommand } from './commands.ts';
import { parseSecretId } from './secret-id.ts';

/**
 * The reason why a token is unavailable:
 *
 * - `missing`: the secret does not exist, is scheduled for deletion, or has no value yet
 * - `denied`: AWS does not let this role read it
 * - `unusable`: it holds something other than a bot token
 * - `unreachable`: Secrets Manager fails, throttles or does not answer; only this can pass by itself
 */
export type TokenProblem = 'missing' | 'denied' | 'unusable' | 'unreachable';

/**
 * The bot token could not be read. The message says what to do, and never what the secret holds. A command in it
 * stands on a line of its own, at the end.
 */
export class TokenUnavailableError extends Error {
  readonly reason: TokenProblem;

  constructor(reason: TokenProblem, message: string) {
    super(message);
    this.name = 'TokenUnavailableError';
    this.reason = reason;
  }
}

/**
 * Translates an error of Secrets Manager into what it means for the token and what to do. The SDK's error is not
 * kept as the cause, because it quotes responses that it cannot parse, and the token may be in one.
 */
export function secretUnavailable(
  error: NodeJS.ErrnoException,
  secretId: string,
  region: string,
): TokenUnavailableError {
  const { reason, problem, fix } = diagnose(error, secretId, region);
  // Network errors carry a `code`; their `name` is just `Error`.
  const errorName = typeof error.code === 'string' ? error.code : error.name;
  return new TokenUnavailableError(reason, `Secret ${secretId} ${problem} (${errorName}). ${fix}`);
}

interface Diagnosis {
  readonly reason: TokenProblem;
  readonly problem: string;
  readonly fix: string;
}

function diagnose({ name, message }: Error, secretId: string, region: string): Diagnosis {
  switch (name) {
    case 'ResourceNotFoundException':
      // AWS has one error for a secret that does not exist and for one that was created without a value.
      return /staging label/.test(message) ? withoutValue(secretId) : notFound(secretId, region);
    case 'InvalidParameterException':
    case 'ValidationException':
      return notFound(secretId, region);
    case 'InvalidRequestException':
      return /deletion|deleted/.test(message) ? deleted(secretId) : undecipherable;
    case 'DecryptionFailure':
      return undecipherable;
    case 'AccessDeniedException':
      return /KMS/.test(message) ? undecipherable : notFoundOrDenied(secretId, region);
    case 'ExpiredTokenException':
    case 'InvalidSignatureException':
    case 'UnrecognizedClientException':
    case 'CredentialsProviderError':
      return denied;
    default:
      return unreachable;
  }
}

function notFound(secretId: string, region: string): Diagnosis {
  const { isUnique } = parseSecretId(secretId);
  const create = isUnique ? 'Create it again, and give the app its new ARN' : 'Create it';
  return {
    reason: 'missing',
    problem: `does not exist in ${region}`,
    fix: `${create}:\n${storeTokenCommand(secretId)}`,
  };
}

/**
 * Diagnoses "access denied". AWS also answers it to a role that may read one secret when that secret does not
 * exist: the role's policy names an ARN with the six characters that only an existing secret has.
 */
function notFoundOrDenied(secretId: string, region: string): Diagnosis {
  const { fix } = notFound(secretId, region);
  return {
    reason: 'denied',
    problem: `does not exist in ${region}, or this function's role may not read it`,
    fix: `If it exists: ${denied.fix} If it does not: ${fix}`,
  };
}

function withoutValue(secretId: string): Diagnosis {
  return {
    reason: 'missing',
    problem: 'has no value yet',
    fix: `Store the token in it:\n${storeTokenCommand(secretId)}`,
  };
}

function deleted(secretId: string): Diagnosis {
  return {
    reason: 'missing',
    problem: 'is scheduled for deletion',
    fix: `Restore it:\n${storeTokenCommand(secretId)}`,
  };
}

const denied: Diagnosis = {
  reason: 'denied',
  problem: "may not be read by this function's role",
  fix:
    'Make sure that the role may use secretsmanager:GetSecretValue on it, and kms:Decrypt if its key is your ' +
    "own; look for a deny in the secret's policy and the organization's.",
};

const undecipherable: Diagnosis = {
  reason: 'denied',
  problem: 'cannot be decrypted',
  fix:
    "Make sure that its KMS key exists and is enabled, that the key's policy lets this account in, and that the app " +
    'imports the secret with the key as its `encryptionKey`.',
};

const unreachable: Diagnosis = {
  reason: 'unreachable',
  problem: 'could not be read: Secrets Manager fails, throttles, or does not answer',
  fix: 'This usually resolves within minutes.',
};
