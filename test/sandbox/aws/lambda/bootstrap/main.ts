/**
 * The main module of a function's process: a Node runtime client for AWS's Runtime API. It behaves
 * like the one in Lambda's Node 24 (aws-lambda-ric 4) for async handlers. As there, an uncaught
 * exception ends the process.
 */
import { Socket } from 'node:net';
import { contextOf } from './context.ts';
import { detailsOf, errorBody } from './errors.ts';
import { loadHandler } from './handler.ts';
import { patchConsole, setRequestId, writeLog } from './log.ts';
import { RuntimeClient } from './runtime-client.ts';
import { scaleTime } from './time-scale.ts';

/** Tells the sandbox that the output of an invocation is complete. */
const END_OF_OUTPUT = '\0';

dieWithParent();
scaleTime();
patchConsole();
const runtime = new RuntimeClient(String(process.env.AWS_LAMBDA_RUNTIME_API));
const handler = await loadHandler(
  String(process.env.LAMBDA_TASK_ROOT),
  String(process.env._HANDLER),
).catch(async (error) => {
  logError('Init Error', error);
  await runtime.reportInitError(errorBody(error));
  process.exit(1);
});

for (;;) {
  const invocation = await runtime.next();
  setRequestId(invocation.requestId);
  process.env._X_AMZN_TRACE_ID = invocation.traceId;
  let result: string;
  try {
    result = JSON.stringify((await handler(invocation.event, contextOf(invocation))) ?? null);
  } catch (error) {
    logError('Invoke Error', error);
    endOutput();
    await runtime.fail(invocation.requestId, errorBody(error));
    continue;
  }
  endOutput();
  await runtime.succeed(invocation.requestId, result);
}

/** Exits with the sandbox: descriptor 3 is a pipe that closes when the sandbox ends, however it ends. */
function dieWithParent(): void {
  const lifeline = new Socket({ fd: 3 });
  lifeline.on('close', () => process.exit(1));
  lifeline.resume();
  lifeline.unref();
}

function logError(event: string, error: unknown): void {
  const real = error instanceof Error ? error : new Error(String(error));
  if (process.env.AWS_LAMBDA_LOG_FORMAT === 'JSON') writeLog('ERROR', real);
  else writeLog('ERROR', event, `\t${JSON.stringify(detailsOf(real))}`);
}

function endOutput(): void {
  process.stdout.write(END_OF_OUTPUT);
  process.stderr.write(END_OF_OUTPUT);
}
