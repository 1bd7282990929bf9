/**
 * The main module of a function's process: a Node runtime client for AWS's Runtime API. It behaves
 * like the one in Lambda's Node 24 (aws-lambda-ric 4) for async handlers. As there, an uncaught
 * exception ends the process.
 */
import { lambdaContextOf } from './context.ts';
import { detailsOf, errorBody } from './errors.ts';
import { loadHandler } from './handler.ts';
import { patchConsole, setRequestId, writeLog } from './log.ts';
import { PendingWork } from './pending-work.ts';
import { RuntimeClient } from './runtime-client.ts';
import { skipWaits } from './skip-waits.ts';
import { scaleTime } from './time-scale.ts';

/** Tells the sandbox that the output of an invocation is complete. */
const END_OF_OUTPUT = '\0';

scaleTime();
const resetDate = skipWaits();
patchConsole();
const pendingWork = new PendingWork();
const runtime = new RuntimeClient(String(process.env.AWS_LAMBDA_RUNTIME_API));
const handler = await loadHandler(
  String(process.env.LAMBDA_TASK_ROOT),
  String(process.env._HANDLER),
).catch(async (error) => {
  logError('Init Error', error);
  await runtime.reportInitError(errorBody(error));
  process.exit(1);
});

pendingWork.ignorePresent();
for (;;) {
  const invocation = await runtime.next(pendingWork.list());
  await noticeClosedConnections();
  resetDate();
  setRequestId(invocation.requestId);
  process.env._X_AMZN_TRACE_ID = invocation.traceId;
  let result: string;
  try {
    result = JSON.stringify((await handler(invocation.event, lambdaContextOf(invocation))) ?? null);
  } catch (error) {
    logError('Invoke Error', error);
    await endOutput();
    await runtime.fail(invocation.requestId, errorBody(error));
    continue;
  }
  await endOutput();
  await runtime.succeed(invocation.requestId, result);
}

/**
 * Lets the process handle what has arrived while it was frozen. Otherwise it would be a matter of chance
 * whether the handler uses a kept-alive connection that its server has closed in the meantime.
 */
async function noticeClosedConnections(): Promise<void> {
  for (let turn = 0; turn < 2; turn++) await new Promise((resolve) => setImmediate(resolve));
}

function logError(event: string, error: unknown): void {
  const real = error instanceof Error ? error : new Error(String(error));
  if (process.env.AWS_LAMBDA_LOG_FORMAT === 'JSON') writeLog('ERROR', real);
  else writeLog('ERROR', event, `\t${JSON.stringify(detailsOf(real))}`);
}

/** Waits for output that the pipe could not take at once: a frozen process would never write it. */
async function endOutput(): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) {
    const written = new Promise<void>((resolve) => stream.write(END_OF_OUTPUT, () => resolve()));
    if (stream.writableLength > 0) await written;
  }
}
