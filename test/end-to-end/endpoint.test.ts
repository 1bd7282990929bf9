import { CfnOutput, Fn, Stack } from 'aws-cdk-lib';
import { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { CfnPermission } from 'aws-cdk-lib/aws-lambda';
import { HostedZone } from 'aws-cdk-lib/aws-route53';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TelegramBot, type TelegramBotProps } from '../../infra/constructs/telegram-bot.ts';
import { Delivery } from '../../infra/settings/delivery.ts';
import { Endpoint } from '../../infra/settings/endpoint.ts';
import { secretName } from '../fixtures.ts';
import {
  type Chat,
  isRegistrar,
  Sandbox,
  type StackArtifact,
  type StackState,
} from '../sandbox/index.ts';
import { synthesized } from './app.ts';
import { expectNoSecret } from './no-secret.ts';
import { type Actor, addBot } from './test-bed.ts';

type BotProps = Omit<TelegramBotProps, 'token'>;
type Build = (stack: Stack) => void;

const domainName = 'bot.example.com';
const proxyName = 'proxy.example.org';
const newsSecret = 'telegram/test/news-token';

let sandbox: Sandbox;
let kit: Actor;
let news: Actor;
let chat: Chat;

beforeAll(async () => {
  sandbox = await Sandbox.start({ speed: 10, skipsWaits: isRegistrar });
  kit = addBot(sandbox, { username: 'kit_bot', secret: secretName });
  news = addBot(sandbox, { id: 7_000_000_002, username: 'news_bot', secret: newsSecret });
  chat = sandbox.telegram.chat(kit.bot.id, { id: 7, firstName: 'Mover' });
});

afterAll(async () => {
  try {
    expectNoSecret(sandbox);
  } finally {
    await sandbox.close();
  }
});

const entry = 'test/bots/says-its-name.ts';
const repeats = 'test/bots/echo.ts';

function addTo(stack: Stack, id = 'Bot', props: BotProps = {}, secret = secretName): TelegramBot {
  const token = Secret.fromSecretNameV2(stack, `${id}Token`, secret);
  return new TelegramBot(stack, id, { entry: repeats, ...props, token });
}

const withBot =
  (props: BotProps): Build =>
  (stack) =>
    void addTo(stack, 'Bot', props);

function withDomain(basePath?: string, hasZone = true): Build {
  return (stack) => {
    const certificate = Certificate.fromCertificateArn(
      stack,
      'Certificate',
      'arn:aws:acm:us-east-1:123456789012:certificate/1',
    );
    const hostedZone = HostedZone.fromHostedZoneAttributes(stack, 'Zone', {
      hostedZoneId: 'Z1',
      zoneName: 'example.com',
    });
    const domain = { name: domainName, certificate, ...(hasZone && { hostedZone }) };
    addTo(stack, 'Bot', { endpoint: Endpoint.httpApi({ domain, basePath }) });
  };
}

const withSharedApi: Build = (stack) => {
  const api = new HttpApi(stack, 'SharedApi');
  addTo(stack, 'Bot', { endpoint: Endpoint.httpApi({ api }) });
  const props = { entry, endpoint: Endpoint.httpApi({ api, basePath: 'bots/news' }) };
  addTo(stack, 'News', props, newsSecret);
};

function deploy(build: Build): Promise<StackState> {
  const [artifact] = synthesized((app) => build(new Stack(app, 'Kit')));
  if (!artifact) throw new Error('The app has no stack');
  return sandbox.cloudFormation.deploy(artifact);
}

/**
 * Deploys while a person writes at every step of the deploy, and makes sure that the bot answers all of it in order,
 * and that Telegram's next delivery arrives wherever the webhook is at that moment.
 */
async function move(build: Build): Promise<StackState> {
  const before = webhook();
  const sent: string[] = [];
  const answeredThere: number[] = [];
  sandbox.cloudFormation.intercept = async ({ type }) => {
    sent.push(`message ${sent.length}`);
    chat.send(String(sent.at(-1)));
    // Until Telegram knows the new URL, the old one works.
    const isOld = before && webhook()?.url.href === before.url.href;
    if (type === 'Custom::TelegramWebhook' && isOld) answeredThere.push(await probe(before));
    return undefined;
  };
  const state = await deploy(build);
  sandbox.cloudFormation.intercept = undefined;
  expect([state.status, state.reason]).toEqual([expect.stringMatching(COMPLETE), undefined]);
  expect(answeredThere.filter((status) => status !== 200)).toEqual([]);
  const answers: (string | undefined)[] = [];
  while (answers.length < sent.length) answers.push((await chat.nextMessage()).text);
  expect(answers).toEqual(sent);
  await expectGone(before);
  return state;
}

/** Destroys the stack, and makes sure that nothing is left. */
async function destroy(): Promise<void> {
  const { url } = webhook() as Target;
  const { status, resources } = await sandbox.cloudFormation.destroy('Kit');
  expect([status, resources.size]).toEqual(['DELETE_COMPLETE', 0]);
  expect(webhook()).toBeUndefined();
  expect(sandbox.network.knows(url.host)).toBe(false);
}

/** Makes sure that a former URL is not the bot's any more. A proxy may forward to it. */
async function expectGone(former: Target | undefined): Promise<void> {
  const { url } = webhook() as Target;
  if (!former || former.url.host === proxyName) return;
  if (url.host === proxyName || url.href === former.url.href) return;
  const outcome = await probe(former).catch(({ code }) => code);
  expect([403, 404, 'ENOTFOUND']).toContain(outcome);
}

const COMPLETE = /^(CREATE|UPDATE)_COMPLETE$/;

function webhook(bot = kit.bot) {
  const state = sandbox.telegram.webhook(bot.id);
  return state && { url: new URL(state.url), secret: String(state.secretToken) };
}

type Target = NonNullable<ReturnType<typeof webhook>>;

/** Sends an update without content. @returns the status */
async function probe({ url, secret }: Target, method = 'POST'): Promise<number> {
  const headers = {
    'content-type': 'application/json',
    'x-telegram-bot-api-secret-token': secret,
  };
  const request = { method, headers, body: JSON.stringify({ update_id: 0 }) };
  return (await sandbox.network.request(url, request)).status;
}

/** Returns the webhook, once it has the given URL and strangers are refused there. */
async function expectWebhookAt(base: RegExp, refusal = 404): Promise<Target> {
  const target = webhook() as Target;
  const [, path = ''] = /^(.*)\/[\w-]{43}$/.exec(target.url.href) ?? [];
  expect(path).toMatch(base);
  const at = (url: string) => ({ ...target, url: new URL(url) });
  expect(await probe(target)).toBe(200);
  expect(await probe({ ...target, secret: 'A'.repeat(43) })).toBe(401);
  expect(await probe({ ...target, secret: '' })).toBe(401);
  expect(await probe(at(`${path}/${'A'.repeat(43)}`))).toBe(404);
  expect(await probe(at(`${target.url.origin}/`))).toBe(refusal);
  expect(await probe(target, 'GET')).toBe(404);
  return target;
}

const EXECUTE_API = /^https:\/\/[a-z0-9]{10}\.execute-api\.us-east-1\.amazonaws\.com$/;
const FUNCTION_URL = /^https:\/\/[a-z0-9]{32}\.lambda-url\.us-east-1\.on\.aws$/;

describe('a bot that moves from one endpoint to the next without losing an update', () => {
  it('has an API of its own', async () => {
    await move(withBot({}));
    await expectWebhookAt(EXECUTE_API);
  });

  it('has a base path', async () => {
    await move(withBot({ endpoint: Endpoint.httpApi({ basePath: 'one/two' }) }));
    await expectWebhookAt(/\.amazonaws\.com\/one\/two$/);
  });

  it('has a domain, and the API is not reached in another way', async () => {
    const { resources } = await move(withDomain());
    const { url } = await expectWebhookAt(/^https:\/\/bot\.example\.com$/);
    const [api] = [...resources.values()].filter(({ type }) => type === 'AWS::ApiGatewayV2::Api');
    const host = `${api?.physicalId}.execute-api.us-east-1.amazonaws.com`;
    expect(
      await probe({ ...(webhook() as Target), url: new URL(url.pathname, `https://${host}`) }),
    ).toBe(404);
  });

  it('has a domain with a base path', async () => {
    await move(withDomain('bots/kit'));
    await expectWebhookAt(/^https:\/\/bot\.example\.com\/bots\/kit$/, 403);
  });

  it('has an API that another bot shares', async () => {
    await move(withSharedApi);
    expect(sandbox.network.knows(domainName)).toBe(false);
    const { url, secret: own } = await expectWebhookAt(EXECUTE_API);
    const other = webhook(news.bot);
    expect(other?.url.origin).toBe(url.origin);
    expect(other?.url.pathname).toMatch(/^\/bots\/news\/[\w-]{43}$/);
    expect(await probe({ url, secret: String(other?.secret) })).toBe(401);
    expect(await probe({ url: other?.url as URL, secret: own })).toBe(401);
    expect((await news.ask('who?')).text).toBe('I am @news_bot');
  });

  it('has a Function URL', async () => {
    await move(withBot({ endpoint: Endpoint.functionUrl() }));
    await expectWebhookAt(FUNCTION_URL);
  });

  it('has a Function URL in front of its queue', async () => {
    await move(withBot({ endpoint: Endpoint.functionUrl(), delivery: Delivery.queued() }));
    await expectWebhookAt(FUNCTION_URL);
  });

  it('is behind a proxy, which forwards to its Function URL', async () => {
    const { url } = webhook() as Target;
    serveProxy(url.origin);
    const behind = Endpoint.functionUrl();
    const endpoint = Endpoint.of({ origin: `https://${proxyName}/telegram`, behind });
    await move(withBot({ endpoint, delivery: Delivery.queued() }));
    await expectWebhookAt(/^https:\/\/proxy\.example\.org\/telegram$/);
  });

  it('has an API of its own again, and is gone when it is destroyed', async () => {
    await move(withBot({}));
    await expectWebhookAt(EXECUTE_API);
    await destroy();
  });
});

describe('a Function URL', () => {
  it.each(['lambda:InvokeFunctionUrl', 'lambda:InvokeFunction'])(
    'is not registered without the permission %s',
    async (action) => {
      const state = await deploy((stack) => {
        const { endpoint } = addTo(stack, 'Bot', { endpoint: Endpoint.functionUrl() });
        const isIts = (node: unknown) => node instanceof CfnPermission && node.action === action;
        for (const { node } of endpoint.receiver.node.findAll().filter(isIts)) {
          node.scope?.node.tryRemoveChild(node.id);
        }
      });
      expect(state.status).toBe('ROLLBACK_COMPLETE');
      expect(state.reason).toContain('answered the probe with 403');
      expect(webhook()).toBeUndefined();
      await sandbox.cloudFormation.destroy('Kit');
    },
  );
});

describe('a first deploy', () => {
  it.each<[string, Build]>([
    ['a domain', withDomain('bots')],
    ['a shared API', withSharedApi],
    ['a Function URL', withBot({ endpoint: Endpoint.functionUrl() })],
  ])('creates %s, and a destroy leaves nothing', async (_, build) => {
    await move(build);
    await destroy();
  });

  it('adds a route to the API of another stack, and a destroy leaves that API', async () => {
    const artifacts = synthesized((app) => {
      const gateway = new Stack(app, 'Gateway');
      const { apiId, apiEndpoint } = new HttpApi(gateway, 'Api');
      for (const [exportName, value] of Object.entries({ apiId, apiEndpoint })) {
        new CfnOutput(gateway, exportName, { exportName, value });
      }
      const stack = new Stack(app, 'Kit');
      stack.addStackDependency(gateway);
      const api = HttpApi.fromHttpApiAttributes(stack, 'Imported', {
        httpApiId: Fn.importValue('apiId'),
        apiEndpoint: Fn.importValue('apiEndpoint'),
      });
      addTo(stack, 'Bot', { endpoint: Endpoint.httpApi({ api }) });
    });
    for (const artifact of artifacts) await sandbox.cloudFormation.deploy(artifact);
    const { url } = await expectWebhookAt(EXECUTE_API);
    expect((await kit.ask('here?')).text).toBe('here?');
    expect((await sandbox.cloudFormation.destroy('Kit')).status).toBe('DELETE_COMPLETE');
    expect(webhook()).toBeUndefined();
    expect(await probe({ url, secret: '' })).toBe(404);
    expect((await sandbox.cloudFormation.destroy('Gateway')).status).toBe('DELETE_COMPLETE');
  });

  it('waits for a domain whose DNS is elsewhere', async () => {
    const waiting = await Sandbox.start({ speed: 10 });
    try {
      const { bot, ask } = addBot(waiting, { username: 'kit_bot', secret: secretName });
      waiting.cloudFormation.intercept = ({ type }) => {
        if (type !== 'Custom::TelegramWebhook') return undefined;
        // Long enough for the first probe to fail, if the machine is not slow.
        void waiting.clock.sleep(3000).then(() => waiting.aws.route53.leadElsewhere(domainName));
        return undefined;
      };
      const [artifact] = synthesized((app) => withDomain(undefined, false)(new Stack(app, 'Kit')));
      const state = await waiting.cloudFormation.deploy(artifact as StackArtifact);
      expect([state.status, state.reason]).toEqual(['CREATE_COMPLETE', undefined]);
      expect(waiting.telegram.webhook(bot.id)?.url).toContain(`https://${domainName}/`);
      expect((await ask('here?')).text).toBe('here?');
      expectNoSecret(waiting);
    } finally {
      await waiting.close();
    }
  });
});

/** Serves a proxy of the user's that forwards what is below `/telegram` to another origin. */
function serveProxy(origin: string): void {
  sandbox.network.serve(
    proxyName,
    async (request, response) => {
      const body: Buffer[] = [];
      for await (const chunk of request) body.push(chunk);
      const url = new URL(String(request.url).replace(/^\/telegram/, ''), origin);
      const { host: _host, connection: _connection, ...headers } = request.headers;
      const answer = await sandbox.network.request(url, {
        method: String(request.method),
        headers: headers as Record<string, string>,
        body: Buffer.concat(body),
      });
      response.writeHead(answer.status, answer.headers).end(answer.body);
    },
    { hasCertificate: true },
  );
}
