import { CfnParameter, SecretValue, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Alias, type IKey, Key } from 'aws-cdk-lib/aws-kms';
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { describe, expect, it } from 'vitest';
import { TelegramBot } from '../../infra/constructs/telegram-bot.ts';
import { Delivery } from '../../infra/settings/delivery.ts';
import { entry } from '../fixtures.ts';
import {
  needs,
  onlyResource,
  roleAt,
  type Statement,
  statementsOf,
  tokenReaders,
  unbundledApp,
} from './synth.ts';

const account = '123456789012';
const region = 'eu-central-1';
const env = { account, region };
const keyArn = `arn:aws:kms:${region}:${account}:key/12345678-1234-1234-1234-123456789012`;
const arnOf = (name: string, of = env) =>
  `arn:aws:secretsmanager:${of.region}:${of.account}:secret:${name}`;

type MakeToken = (stack: Stack) => ISecret;

function templateWith(token: MakeToken, { env, delivery }: Settings = {}): Template {
  const stack = new Stack(unbundledApp(), 'Kit', { env });
  new TelegramBot(stack, 'Bot', { entry, delivery, token: token(stack) });
  return Template.fromStack(stack);
}

interface Settings {
  readonly env?: { account: string; region: string };
  readonly delivery?: Delivery;
}

/** Returns the statements that let someone read the token: the registrar by its reader, and the bot. */
function readersOf(template: Template, bot = 'Bot/Endpoint/Receiver'): Record<string, Statement[]> {
  const [reader = []] = tokenReaders(template).values();
  const statements = statementsOf(template, roleAt(template, bot)).filter(({ Action }) =>
    /secretsmanager|kms/.test(String(Action)),
  );
  return { reader, bot: statements };
}

const tokenSecretOf = (template: Template) =>
  onlyResource(template, 'Custom::TelegramBot').resource.Properties.TokenSecret;

/** Returns the logical id of the role that may read the token, without the stack's name. */
const readerOf = (token: MakeToken, settings?: Settings) =>
  [...tokenReaders(templateWith(token, settings)).keys()][0];

const named =
  (name: string): MakeToken =>
  (stack) =>
    Secret.fromSecretNameV2(stack, 'Token', name);
const byPartialArn =
  (arn: string): MakeToken =>
  (stack) =>
    Secret.fromSecretPartialArn(stack, 'Token', arn);

describe('a token secret with a key of its own', () => {
  const imported: MakeToken = (stack) =>
    Secret.fromSecretAttributes(stack, 'Token', {
      secretCompleteArn: arnOf('telegram/token-AbCdEf'),
      encryptionKey: Key.fromKeyArn(stack, 'Key', keyArn),
    });

  it.each([
    ['direct', Delivery.direct(), 'Bot/Endpoint/Receiver'],
    ['queued', Delivery.queued(), 'Bot/Queue/Bot'],
  ])(
    'can be decrypted by registrar and bot when it is imported, with %s delivery',
    (_, delivery, bot) => {
      const rights = [
        { Action: 'secretsmanager:GetSecretValue', Resource: arnOf('telegram/token-AbCdEf') },
        {
          Action: 'kms:Decrypt',
          Resource: keyArn,
          Condition: {
            StringEquals: {
              'kms:ViaService': {
                'Fn::Join': ['', [`secretsmanager.${region}.`, { Ref: 'AWS::URLSuffix' }]],
              },
            },
          },
        },
      ];
      const readers = readersOf(templateWith(imported, { delivery }), bot);
      expect(readers.reader).toMatchObject(rights);
      expect(readers.bot).toMatchObject(rights);
    },
  );

  it('can be decrypted when its key is given by an alias, whose ARN gives no right', () => {
    const template = templateWith((stack) => {
      const key = Key.fromKeyArn(stack, 'Key', keyArn);
      return ownSecret(stack, new Alias(stack, 'Alias', { aliasName: 'alias/a', targetKey: key }));
    });
    for (const [, decrypt] of Object.values(readersOf(template))) {
      expect(decrypt).toMatchObject({ Action: 'kms:Decrypt', Resource: keyArn });
    }
  });

  it('can be decrypted when only the name of an alias is known', () => {
    const template = templateWith(
      (stack) =>
        Secret.fromSecretAttributes(stack, 'Token', {
          secretCompleteArn: arnOf('telegram/token-AbCdEf'),
          encryptionKey: Alias.fromAliasName(stack, 'Key', 'alias/tokens'),
        }),
      { env },
    );
    for (const [, decrypt] of Object.values(readersOf(template))) {
      expect(decrypt).toMatchObject({
        Action: 'kms:Decrypt',
        Resource: `arn:aws:kms:${region}:${account}:key/*`,
        Condition: {
          StringEquals: { 'kms:ViaService': expect.anything() },
          'ForAnyValue:StringEquals': { 'kms:ResourceAliases': 'alias/tokens' },
        },
      });
    }
  });

  it('names no role in the policy of a key in the same stack', () => {
    const template = templateWith((stack) => ownSecret(stack, new Key(stack, 'Key')));
    const { id, resource } = onlyResource(template, 'AWS::KMS::Key');
    expect(JSON.stringify(resource.Properties.KeyPolicy)).not.toMatch(/Role|Registrar|Receiver/);
    for (const [, decrypt] of Object.values(readersOf(template))) {
      expect(decrypt).toMatchObject({
        Action: 'kms:Decrypt',
        Resource: { 'Fn::GetAtt': [id, 'Arn'] },
      });
    }
  });

  it('can be decrypted until the webhook is unregistered', () => {
    const template = templateWith((stack) => ownSecret(stack, new Key(stack, 'Key')));
    const needed = needs(template, onlyResource(template, 'Custom::TelegramWebhook').id);
    const roles = Object.entries(template.findResources('AWS::IAM::Role'));
    const decrypting = roles.filter(([, role]) => /kms:Decrypt/.test(JSON.stringify(role)));
    expect(decrypting).toHaveLength(2);
    for (const [id] of decrypting) expect(needed).toContain(id);
    expect(needed).toContain(onlyResource(template, 'AWS::KMS::Key').id);
  });

  it('can belong to another stack of the app', () => {
    const app = unbundledApp();
    const data = new Stack(app, 'Data');
    const token = ownSecret(data, new Key(data, 'Key'));
    const stack = new Stack(app, 'Kit');
    new TelegramBot(stack, 'Bot', { entry, token });
    for (const [read, decrypt] of Object.values(readersOf(Template.fromStack(stack)))) {
      expect(JSON.stringify(read?.Resource)).toContain('Data');
      expect(JSON.stringify(decrypt?.Resource)).toContain('Data');
    }
  });
});

it('lets functions read the value of the secret, and nothing else about it', () => {
  for (const statements of Object.values(readersOf(templateWith(named('telegram/token'))))) {
    expect(statements.map(({ Action }) => Action)).toEqual(['secretsmanager:GetSecretValue']);
  }
});

describe('the name of a token secret', () => {
  const elsewhere = { account, region: 'us-east-1' };
  const foreign = { account: '999999999999', region };

  it.each<[string, MakeToken, string]>([
    ['by name', named('telegram/bot-secret'), 'telegram/bot-secret'],
    ['by partial ARN', byPartialArn(arnOf('telegram/bot-secret')), 'telegram/bot-secret'],
    [
      'by partial ARN of another region',
      byPartialArn(arnOf('telegram/token', elsewhere)),
      arnOf('telegram/token', elsewhere),
    ],
    [
      'by partial ARN of another account',
      byPartialArn(arnOf('telegram/token', foreign)),
      arnOf('telegram/token', foreign),
    ],
    [
      'by name in a stack of another region',
      (stack) =>
        named('telegram/token')(new Stack(stack.node.root, 'Elsewhere', { env: elsewhere })),
      arnOf('telegram/token', elsewhere),
    ],
  ])('is complete when the secret is imported %s', (_, token, expected) => {
    const template = templateWith(token, { env });
    expect(tokenSecretOf(template)).toEqual(expected);
    const name = expected.slice(expected.lastIndexOf(':') + 1);
    for (const [read] of Object.values(readersOf(template))) {
      expect(JSON.stringify(read?.Resource)).toContain(`:secret:${name}-??????`);
    }
  });

  it('is the ARN when it is unknown whether the secret is in the own account', () => {
    const partial = arnOf('telegram/token');
    expect(tokenSecretOf(templateWith(byPartialArn(partial)))).toBe(partial);
  });

  it('can be known only during the deploy', () => {
    const template = templateWith((stack) => {
      const name = new CfnParameter(stack, 'Name').valueAsString;
      return Secret.fromSecretNameV2(stack, 'Token', name);
    });
    expect(tokenSecretOf(template)).toEqual({ Ref: 'Name' });
  });
});

it('lets functions read a secret that a stack of another region makes up the ARN of', () => {
  const app = unbundledApp();
  const data = new Stack(app, 'Data', { env: { account, region: 'us-east-1' } });
  const token = new Secret(data, 'Token', {
    secretName: 'telegram/token',
    secretStringValue: SecretValue.unsafePlainText('the token'),
  });
  const stack = new Stack(app, 'Kit', { env });
  new TelegramBot(stack, 'Bot', { entry, token });
  const arn = arnOf('telegram/token', { account, region: 'us-east-1' });
  const template = Template.fromStack(stack);
  expect(tokenSecretOf(template)).toBe(arn);
  for (const [read] of Object.values(readersOf(template))) {
    expect(read?.Resource).toEqual([arn, `${arn}-??????`]);
  }
});

describe('the role that reads a token', () => {
  it.each<[string, MakeToken, MakeToken]>([
    ['a/b and a-b', named('a/b'), named('a-b')],
    [
      'one name in two accounts',
      byPartialArn(arnOf('token')),
      byPartialArn(arnOf('token', { account: '999999999999', region })),
    ],
    [
      'one name in two regions',
      byPartialArn(arnOf('token')),
      byPartialArn(arnOf('token', { account, region: 'us-east-1' })),
    ],
    [
      'a secret of the stack and the one that replaces it',
      (stack) => ownSecret(stack, undefined, 'before'),
      (stack) => ownSecret(stack, undefined, 'after'),
    ],
    [
      'two secrets known only during the deploy',
      (stack) => byParameter(stack, 'Former'),
      (stack) => byParameter(stack, 'Latter'),
    ],
  ])('differs between %s', (_, former, latter) => {
    expect(readerOf(former, { env })).toBeDefined();
    expect(readerOf(former, { env })).not.toBe(readerOf(latter, { env }));
  });

  it('stays the same when nothing about the secret changes', () => {
    expect(readerOf(named('a/b'))).toBe(readerOf(named('a/b')));
  });

  it('stays the same whether the secret is imported by name or by ARN', () => {
    const byArn = readerOf(byPartialArn(arnOf('a/b')), { env });
    expect(byArn).toBe(readerOf(named('a/b'), { env }));
  });
});

function ownSecret(stack: Stack, encryptionKey?: IKey, secretName?: string): Secret {
  return new Secret(stack, 'Token', {
    encryptionKey,
    secretName,
    secretStringValue: SecretValue.unsafePlainText('the token'),
  });
}

function byParameter(stack: Stack, id: string): ISecret {
  const arn = new CfnParameter(stack, id).valueAsString;
  return Secret.fromSecretCompleteArn(stack, 'Token', arn);
}
