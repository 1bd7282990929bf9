import { locationOf, randomId } from '../../aws/account.ts';
import { UnsupportedError, ValidationError } from '../errors.ts';
import { nameSuffix } from '../names.ts';
import { sameValue } from '../values.ts';
import { resourceType } from './resource-type.ts';
import { boolean, integer, json, type ObjectOf, object, optional, text } from './shape.ts';

const generation = {
  PasswordLength: optional(integer),
  ExcludeCharacters: optional(text),
  ExcludeLowercase: optional(boolean),
  ExcludeNumbers: optional(boolean),
  ExcludePunctuation: optional(boolean),
  ExcludeUppercase: optional(boolean),
  IncludeSpace: optional(boolean),
  SecretStringTemplate: optional(text),
  GenerateStringKey: optional(text),
};

const properties = {
  Name: optional(text),
  Description: optional(text),
  SecretString: optional(text),
  GenerateSecretString: optional(object(generation)),
  KmsKeyId: optional(text),
  Tags: optional(json()),
};

/** `AWS::SecretsManager::Secret`, for a stack that owns its secret. */
export const secret = resourceType({
  properties,
  replacedBy: ['Name'],
  attributes: ['Id'],
  create(wanted, { aws, logicalId, location }) {
    // CloudFormation generates a secret's name without the name of the stack.
    const name = wanted.Name ?? `${logicalId}-${nameSuffix()}`;
    const { arn } = aws.secrets.put(name, secretString(wanted), {
      ...location,
      keyArn: wanted.KmsKeyId,
    });
    return { physicalId: arn, attributes: { Id: arn } };
  },
  update({ physicalId }, { properties: wanted, previous }, { aws, logicalId }) {
    if (wanted.KmsKeyId !== previous.KmsKeyId) {
      throw new UnsupportedError(
        `${logicalId}: updating a secret's KmsKeyId is not supported by the sandbox`,
      );
    }
    const keys = ['SecretString', 'GenerateSecretString'] as const;
    if (keys.every((key) => sameValue(wanted[key] as never, previous[key] as never))) return;
    aws.secrets.put(nameInArn(physicalId), secretString(wanted), {
      ...locationOf(physicalId),
      arn: physicalId,
    });
  },
  delete: ({ physicalId }, _, { aws }) =>
    aws.secrets.delete(physicalId, locationOf(physicalId).region),
});

function secretString(wanted: ObjectOf<typeof properties>): string {
  const { SecretString, GenerateSecretString } = wanted;
  if (SecretString !== undefined && GenerateSecretString === undefined) return SecretString;
  if (SecretString === undefined && GenerateSecretString) return generate(GenerateSecretString);
  throw new ValidationError('A secret needs either SecretString or GenerateSecretString');
}

function generate(options: ObjectOf<typeof generation>): string {
  const characters = [
    options.ExcludeLowercase ? '' : 'abcdefghijklmnopqrstuvwxyz',
    options.ExcludeUppercase ? '' : 'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
    options.ExcludeNumbers ? '' : '0123456789',
    options.ExcludePunctuation ? '' : '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~',
    options.IncludeSpace ? ' ' : '',
  ]
    .join('')
    .split('')
    .filter((character) => !options.ExcludeCharacters?.includes(character));
  const password = randomId(options.PasswordLength ?? 32, characters.join(''));
  const { SecretStringTemplate: template, GenerateStringKey: key } = options;
  if (template === undefined || key === undefined) return password;
  return JSON.stringify({ ...JSON.parse(template), [key]: password });
}

/** Reads the name in `arn:aws:secretsmanager:<region>:<account>:secret:<name>-<6 random characters>`. */
function nameInArn(arn: string): string {
  return arn.split(':').slice(6).join(':').slice(0, -'-XXXXXX'.length);
}
