import {
  createSecretCommand,
  howToPaste,
  restoreSecretCommand,
  storeTokenCommand,
} from './commands.ts';
import { type TokenProblem, TokenUnavailableError } from './token-unavailable.ts';

/**
 * What an error of the AWS SDK means for the token, and what to do about it. The SDK's error is not kept
 * as the cause: it quotes an answer that it cannot parse, and the token may be in that.
 */
export function secretUnavailable(
  error: NodeJS.ErrnoException,
  secretId: string,
  region: string,
): TokenUnavailableError {
  const { reason, problem, cure } = diagnose(error, secretId, region);
  // Errors of the network have a code, and no name of their own.
  const what = error.code ?? error.name;
  return new TokenUnavailableError(reason, `Secret ${secretId} ${problem} (${what}). ${cure}`);
}

interface Diagnosis {
  readonly reason: TokenProblem;
  readonly problem: string;
  readonly cure: string;
}

function diagnose({ name, message }: Error, secretId: string, region: string): Diagnosis {
  switch (name) {
    case 'ResourceNotFoundException':
      // AWS has one error for a secret that does not exist and for one that was made without a value.
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
  const name = nameInArn(secretId);
  return {
    reason: 'missing',
    problem: `does not exist in ${region}`,
    cure: name
      ? `Make it again and give the app its new ARN; to make it (${howToPaste}): ${createSecretCommand(name)}`
      : `Make it (${howToPaste}): ${createSecretCommand(secretId)}`,
  };
}

/**
 * A role with rights to one secret is denied, and not told, when that secret does not exist: its policy
 * names an ARN with the six characters that only an existing secret has.
 */
function notFoundOrDenied(secretId: string, region: string): Diagnosis {
  const { cure } = notFound(secretId, region);
  return {
    reason: 'denied',
    problem: `does not exist in ${region}, or this function's role may not read it`,
    cure: `If it exists: ${denied.cure} If it does not: ${cure}`,
  };
}

/** AWS ends a secret's ARN with a hyphen and six characters of its own. */
function nameInArn(secretId: string): string | undefined {
  return /^arn:.*:secret:(.+?)(-\w{6})?$/.exec(secretId)?.[1];
}

function withoutValue(secretId: string): Diagnosis {
  return {
    reason: 'missing',
    problem: 'has no value yet',
    cure: `Store the token in it (${howToPaste}): ${storeTokenCommand(secretId)}`,
  };
}

function deleted(secretId: string): Diagnosis {
  return {
    reason: 'missing',
    problem: 'is scheduled for deletion',
    cure: `Bring it back: ${restoreSecretCommand(secretId)}`,
  };
}

const denied: Diagnosis = {
  reason: 'denied',
  problem: "may not be read by this function's role",
  cure:
    'See that the role may use secretsmanager:GetSecretValue on it, and kms:Decrypt if its key is your own; ' +
    "look for a deny in the secret's policy and the organization's.",
};

const undecipherable: Diagnosis = {
  reason: 'denied',
  problem: 'cannot be decrypted',
  cure: 'See that its KMS key exists and is enabled.',
};

const unreachable: Diagnosis = {
  reason: 'unreachable',
  problem: 'could not be read: Secrets Manager is failing, throttling, or silent',
  cure: 'That mostly passes within minutes.',
};
