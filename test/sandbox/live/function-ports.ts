import type { Lambda } from '../aws/lambda/lambda.ts';
import { isRegistrar } from '../registrar.ts';

/** Tells by the port of the network, of which each process has its own, whether the registrar calls or the bot does. */
export class FunctionPorts {
  private readonly registrars = new Map<number, boolean>();

  /** Starts listening, before the app is deployed. */
  constructor({ invocations }: Pick<Lambda, 'invocations'>) {
    invocations.listen((event) => {
      if (event.kind !== 'started') return;
      this.registrars.set(event.networkPort, isRegistrar(event.configuration));
    });
  }

  /** Returns false for an unknown process too: what is not certainly the bot's stays in the sandbox. */
  isBotCode(port: number): boolean {
    return this.registrars.get(port) === false;
  }
}
