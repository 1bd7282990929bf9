/**
 * One app that declares everything: copy what you need to `infra/app.ts`. `npm start -- --app 'node --import tsx
 * .github/examples/app.ts'` runs it on this machine.
 */
import { App, Duration, Stack } from 'aws-cdk-lib';
import { HttpApi, HttpStage } from 'aws-cdk-lib/aws-apigatewayv2';
import { Certificate, CertificateValidation } from 'aws-cdk-lib/aws-certificatemanager';
import { SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Architecture } from 'aws-cdk-lib/aws-lambda';
import { Credentials, DatabaseInstance, DatabaseInstanceEngine } from 'aws-cdk-lib/aws-rds';
import { HostedZone } from 'aws-cdk-lib/aws-route53';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { TelegramBot } from '../../infra/constructs/telegram-bot.ts';
import { Delivery } from '../../infra/settings/delivery.ts';
import { Endpoint } from '../../infra/settings/endpoint.ts';
import { Watch } from '../../infra/settings/watch.ts';

const stack = new Stack(new App(), 'Shop');

/** The secret that `npm run token -- --secret NAME` fills. */
const token = (bot: string) => Secret.fromSecretNameV2(stack, `${bot}Token`, `telegram/${bot}`);

const vpc = new Vpc(stack, 'Vpc', { natGateways: 1 });
const database = new DatabaseInstance(stack, 'Database', {
  engine: DatabaseInstanceEngine.POSTGRES,
  credentials: Credentials.fromGeneratedSecret('shop'),
  storageEncrypted: true,
  vpc,
});

const hostedZone = HostedZone.fromHostedZoneAttributes(stack, 'Zone', {
  hostedZoneId: 'Z0123456789ABCDEFGHIJ',
  zoneName: 'example.com',
});
const name = 'bot.example.com';
const validation = CertificateValidation.fromDns(hostedZone);
const certificate = new Certificate(stack, 'Certificate', { domainName: name, validation });

const alarms = new Topic(stack, 'Alarms');

const shop = new TelegramBot(stack, 'Shop', {
  token: token('shop'),

  // What users see. What is declared here is set, whoever changed it.
  profile: {
    name: { default: 'Corner Shop', de: 'Eckladen' },
    description: 'Orders, deliveries and questions. Press Start to see what is fresh today.',
    shortDescription: { default: 'The shop around the corner', de: 'Der Laden um die Ecke' },
    commands: [
      { commands: [{ command: 'order', description: 'Place an order' }] },
      { commands: [{ command: 'order', description: 'Bestellen' }], language: 'de' },
      {
        commands: [{ command: 'stock', description: 'What is left' }],
        scope: { type: 'chat', chat_id: -1001234567890 },
      },
    ],
    menuButton: { type: 'web_app', text: 'Shop', web_app: { url: 'https://shop.example.com' } },
    administratorRights: { groups: { can_pin_messages: true } },
    photo: '.github/examples/shop.jpg',
  },

  // What only @BotFather can switch. The deploy stops if it is set otherwise.
  expects: { inlineMode: true, privacyMode: false },
  allowedUpdates: ['message', 'callback_query', 'inline_query'],

  endpoint: Endpoint.httpApi({ domain: { name, certificate, hostedZone } }),
  delivery: Delivery.queued({ batchSize: 5 }),
  timeout: Duration.minutes(1),

  function: {
    vpc,
    vpcSubnets: { subnetType: SubnetType.PRIVATE_WITH_EGRESS },
    architecture: Architecture.X86_64,
    reservedConcurrentExecutions: 20,
  },
  environment: { DATABASE: database.instanceEndpoint.hostname },

  watch: Watch.every(Duration.minutes(5), { alerts: { topic: alarms, chat: 123456789 } }),
});
database.secret?.grantRead(shop.bot);
database.connections.allowDefaultPortFrom(shop.bot);
// The rule that lets the bot in is there before the first update is.
shop.registration.node.addDependency(database);

// Small bots share an API, so that each adds only a route and a function.
const api = new HttpApi(stack, 'Api', { createDefaultStage: false });
new HttpStage(stack, 'Stage', {
  httpApi: api,
  autoDeploy: true,
  throttle: { rateLimit: 200, burstLimit: 200 },
});
for (const bot of ['north', 'south', 'west']) {
  new TelegramBot(stack, bot, {
    token: token(bot),
    endpoint: Endpoint.httpApi({ api }),
    environment: { BRANCH: bot },
  });
}
