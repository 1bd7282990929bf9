import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { HOME } from '../account.ts';
import { TestAws } from '../fixtures.ts';

let test: TestAws;
let url: string;
let functionArn: string;

/** Does what the request's body says, or returns the event. */
const source = `
  export const handler = async (event) => {
    const body = Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8').toString();
    if (body === 'throw') throw new Error('no');
    if (body === 'hang') await new Promise((resolve) => setTimeout(resolve, 60_000));
    if (body === 'create') return { statusCode: 201, headers: { 'X-One': '1' }, cookies: ['a=b'], body: 'made' };
    if (body === 'wait') await fetch('https://held.us-east-1.amazonaws.com/held');
    return event;
  };`;

beforeAll(async () => {
  test = await TestAws.start();
  test.deploy('open', source, { timeout: 1 });
  ({ url, functionArn } = test.aws.functionUrls.create('open', HOME));
});

afterAll(() => test.close());

const policy = {
  url: { principal: '*', action: 'lambda:InvokeFunctionUrl', functionUrlAuthType: 'NONE' },
  invoke: { principal: '*', action: 'lambda:InvokeFunction', invokedViaFunctionUrl: true },
} as const;

async function send(body: Buffer | string = '', { path = '', type = 'text/plain' } = {}) {
  const headers = { 'content-type': type, 'user-agent': 'test' };
  const request = { method: 'POST', headers, body };
  const answer = await test.network.request(new URL(url + path), request);
  return { ...answer, text: answer.body.toString() };
}

function sum(name: string): number | undefined {
  const metric = { namespace: 'AWS/Lambda', name, dimensions: { FunctionName: 'open' } };
  return test.aws.metrics.of(metric).statistic('Sum', Date.now() - 120_000, Date.now() + 1);
}

it('lets a request in only if the policy of the function has both statements', async () => {
  const { lambda } = test.aws;
  const forbidden = [403, expect.stringMatching(/^{"Message":"Forbidden/)];
  const outcome = async () => {
    const { status, text } = await send();
    return [status, text];
  };
  expect(await outcome()).toEqual(forbidden);
  lambda.addPermission('open', 'url', policy.url);
  expect(await outcome()).toEqual(forbidden);
  lambda.removePermission('open', 'url');
  lambda.addPermission('open', 'invoke', policy.invoke);
  expect(await outcome()).toEqual(forbidden);
  lambda.addPermission('open', 'url', policy.url);
  expect((await outcome())[0]).toBe(200);
});

it('lets nobody invoke the function in another way', async () => {
  const source = 'arn:aws:events:us-east-1:123456789012:rule/any';
  const invoked = test.aws.lambda.invokeAs('events.amazonaws.com', source, 'open', {});
  await expect(invoked).rejects.toMatchObject({ code: 'AccessDeniedException' });
});

it('passes the request on in payload format 2.0, with its path as it was sent', async () => {
  const { status, headers, text } = await send('hello', { path: 'a/%62?one=1' });
  expect([status, headers['content-type']]).toEqual([200, 'application/json']);
  const host = new URL(url).host;
  const { requestContext, ...event } = JSON.parse(text) as APIGatewayProxyEventV2;
  expect(event).toMatchObject({
    version: '2.0',
    routeKey: '$default',
    rawPath: '/a/%62',
    rawQueryString: 'one=1',
    queryStringParameters: { one: '1' },
    headers: { host, 'user-agent': 'test', 'x-forwarded-proto': 'https' },
    body: 'hello',
    isBase64Encoded: false,
  });
  expect(requestContext).toMatchObject({
    accountId: 'anonymous',
    apiId: host.split('.')[0],
    domainName: host,
    domainPrefix: host.split('.')[0],
    http: { method: 'POST', path: '/a/%62', protocol: 'HTTP/1.1', userAgent: 'test' },
    routeKey: '$default',
    stage: '$default',
  });
});

it('encodes a binary body', async () => {
  const { text } = await send(Buffer.from([255, 0]), { type: 'application/octet-stream' });
  expect(JSON.parse(text)).toMatchObject({ body: '/wA=', isBase64Encoded: true });
});

it('answers with the status, headers, cookies and body of the function', async () => {
  const { status, headers, text } = await send('create');
  expect([status, text]).toEqual([201, 'made']);
  expect(headers).toMatchObject({ 'x-one': '1', 'set-cookie': ['a=b'] });
});

it('answers 502 to what the function throws, and to its timeout', async () => {
  for (const body of ['throw', 'hang']) {
    const { status, text } = await send(body);
    expect([body, status, text]).toEqual([body, 502, 'Internal Server Error']);
  }
  expect(sum('Url5xxCount')).toBe(2);
});

it('refuses more than 6 MB, before it reaches the function', async () => {
  const limit = 6_291_456;
  expect((await send('x'.repeat(limit + 1))).status).toBe(413);
  // The function returns a little more than it is sent.
  expect((await send('x'.repeat(limit - 4096))).status).toBe(200);
});

it('counts requests by the class of their status', async () => {
  const before = ['UrlRequestCount', 'Url4xxCount', 'Url5xxCount'].map(sum) as number[];
  await send();
  await send('throw');
  await send('x'.repeat(6_291_457));
  const after = ['UrlRequestCount', 'Url4xxCount', 'Url5xxCount'].map(sum) as number[];
  expect(after.map((count, index) => count - Number(before[index]))).toEqual([3, 1, 1]);
});

it('answers 429 while as many invocations are in progress as the function has reserved', async () => {
  const { held, close } = test.serveHeld('held.us-east-1.amazonaws.com');
  const { aws } = test;
  const configuration = aws.lambda.configurationOf('open');
  aws.lambda.update({ ...configuration, timeout: 10, reservedConcurrency: 1 });
  const first = send('wait');
  const response = await held;
  expect((await send()).status).toBe(429);
  expect(sum('Throttles')).toBe(1);
  response.end();
  expect((await first).status).toBe(200);
  expect((await send()).status).toBe(200);
  close();

  aws.lambda.update({ ...configuration, reservedConcurrency: 0 });
  expect((await send()).status).toBe(429);
  aws.lambda.update(configuration);
});

it('is one for each function, and is gone when it is deleted', async () => {
  const { functionUrls } = test.aws;
  expect(() => functionUrls.create('open', HOME)).toThrow('FunctionUrlConfig exists');
  expect(() => functionUrls.create('none', HOME)).toThrow('Function not found');
  functionUrls.delete(functionArn);
  await expect(send()).rejects.toMatchObject({ code: 'ENOTFOUND' });
  expect(() => functionUrls.delete(functionArn)).toThrow('does not exist');
});

it.each([
  [{ ...policy.url, action: 'lambda:InvokeFunction' }, 'FunctionUrlAuthType is only supported'],
  [{ ...policy.invoke, action: 'lambda:GetFunction' }, 'InvokedViaFunctionUrl is only supported'],
  [{ ...policy.url, functionUrlAuthType: undefined }, 'FunctionUrlAuthType is required'],
])('refuses the statement %o', (statement, message) => {
  expect(() => test.aws.lambda.addPermission('open', 'wrong', statement)).toThrow(message);
});
