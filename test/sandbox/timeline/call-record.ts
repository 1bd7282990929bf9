import { createHash } from 'node:crypto';
import type { RecordedCall } from '../telegram/bot-api.ts';
import type { BotApiAnswer } from '../telegram/bot-api-error.ts';
import type { Parameters, Upload } from '../telegram/parameters.ts';
import type { Call, SentFile } from './entries.ts';
import type { Scrubber } from './scrubber.ts';

/** Parameters that hold what people read, even if it looks like JSON. */
const TEXTS =
  /^(text|caption|title|description|short_description|name|question|explanation|payload|quote|url|custom_title|(first|last|user)_name|phone_number|performer|address|vcard|currency|tag|start_parameter|secret_token|.*_token|error_message)$/;
const JSON_VALUE = /^(?:[[{].*|-?\d{1,16}(?:\.\d+)?|true|false)$/s;

/** A call of a Bot API method while it goes on. */
export class CallRecord {
  readonly call: RecordedCall;
  private readonly key: string;
  private readonly at: number;
  private readonly scrubber: Scrubber;
  private ended?: Pick<Call, 'durationMs' | 'answer' | 'isInjected'>;
  private known?: Call;

  constructor(
    call: RecordedCall,
    { key, at, scrubber }: { key: string; at: number; scrubber: Scrubber },
  ) {
    this.call = call;
    this.key = key;
    this.at = at;
    this.scrubber = scrubber;
  }

  end(at: number, answer: BotApiAnswer | undefined): void {
    const { isInjected } = this.call;
    this.ended = {
      durationMs: at - this.at,
      ...(answer && { answer: this.scrubber.value(shown(answer)) }),
      ...(isInjected && { isInjected }),
    };
  }

  /** The call as far as it is known. */
  get value(): Call {
    const { method, via } = this.call;
    this.known ??= {
      key: this.key,
      at: this.at,
      method: this.scrubber.text(method),
      via: via === 'http' ? 'token' : via,
      parameters: this.shownParameters,
    };
    if (this.ended && this.known.durationMs === undefined) {
      this.known = { ...this.known, ...this.ended };
    }
    return this.known;
  }

  private get shownParameters(): Call['parameters'] {
    const { parameters } = this.call;
    try {
      return this.scrubber.value(readable(parameters));
    } catch {
      // JSON that is nested too deeply for JSON.stringify stays text.
      return this.scrubber.value(Object.fromEntries(parameters.texts));
    }
  }
}

function shown(answer: BotApiAnswer): NonNullable<Call['answer']> {
  if (answer.ok) return { ok: true, result: answer.result };
  const { parameters, ...refusal } = answer;
  return { ...refusal, ...(parameters && { parameters: { ...parameters } }) };
}

function readable({ texts, files }: Parameters): Record<string, unknown> {
  return {
    ...Object.fromEntries([...texts].map(([name, text]) => [name, parsed(name, text)])),
    ...Object.fromEntries([...files].map(([name, file]) => [name, reduced(name, file)])),
  };
}

/** Returns the value of a parameter, all of which reach Telegram as text. */
function parsed(name: string, text: string): unknown {
  if (TEXTS.test(name) || !JSON_VALUE.test(text)) return text;
  try {
    const value: unknown = JSON.parse(text);
    // A number that is too big would lose digits.
    return typeof value === 'number' && String(value) !== text ? text : value;
  } catch {
    return text;
  }
}

function reduced(name: string, { content, fileName }: Upload): SentFile {
  const sha256 = createHash('sha256').update(content).digest('hex');
  return { file: { name: fileName ?? name, bytes: content.length, sha256 } };
}
