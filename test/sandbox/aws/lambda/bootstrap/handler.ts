import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { runtimeError } from './errors.ts';

export type RuntimeHandler = (event: unknown, context: object) => unknown;

/**
 * Loads the module of a handler (`directory/module.name.of.function`) from the function's code, and
 * finds the function in it.
 */
export async function loadHandler(taskRoot: string, handlerName: string): Promise<RuntimeHandler> {
  const [moduleName = '', ...names] = basename(handlerName).split('.');
  if (names.length === 0 || handlerName.includes('..')) {
    throw runtimeError('MalformedHandlerName', 'Bad handler');
  }
  const module = await loadModule(join(taskRoot, dirname(handlerName)), moduleName);
  const handler = find(module, names) ?? find(module.default, names);
  if (handler === undefined) {
    throw runtimeError('HandlerNotFound', `${handlerName} is undefined or not exported`);
  }
  if (typeof handler !== 'function') {
    throw runtimeError('HandlerNotFound', `${handlerName} is not a function`);
  }
  if (handler.length >= 3) {
    throw runtimeError(
      'CallbackHandlerDeprecated',
      'ERROR: AWS Lambda has removed support for callback-based function handlers starting with Node.js 24.',
    );
  }
  return handler as RuntimeHandler;
}

async function loadModule(directory: string, name: string): Promise<Record<string, unknown>> {
  try {
    const file = ['', '.js', '.mjs', '.cjs']
      .map((extension) => resolve(directory, name + extension))
      .find(existsSync);
    if (file) return await import(pathToFileURL(file).href);
    const require = createRequire(import.meta.url);
    return require(require.resolve(name, { paths: [directory] }));
  } catch (error) {
    if (error instanceof SyntaxError) {
      throw runtimeError('UserCodeSyntaxError', String(error), error.stack);
    }
    if (error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND') {
      throw runtimeError('ImportModuleError', String(error));
    }
    throw error;
  }
}

function find(module: unknown, names: readonly string[]): unknown {
  return names.reduce<unknown>(
    (value, name) =>
      typeof value === 'object' && value !== null
        ? (value as Record<string, unknown>)[name]
        : undefined,
    module,
  );
}
