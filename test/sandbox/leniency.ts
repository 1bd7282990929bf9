/**
 * How the sandbox treats what it does not emulate. `strict`: as an error, so that a green test means something.
 * `lenient`: whatever the bot does not need exists in name only, with a note.
 */
export type Mode = 'strict' | 'lenient';

/** @throws Error when functions would reach hosts that strict mode does not allow */
export function checkMode(mode: Mode, online = false): void {
  if (!online || mode === 'lenient') return;
  throw new Error('The sandbox can be online only in lenient mode: leave out --strict');
}

/** The lenient mode's voice. Services that have none are strict. */
export class Leniency {
  private readonly noted = new Set<string>();
  /** Names of what exists in name only. What refers to it cannot work either. */
  private readonly madeUp = new Set<string>();
  /** By type, the resources that exist in name only and are not noted yet. */
  private readonly inName = new Map<string, string[]>();
  private readonly knownInName = new Set<string>();
  private readonly print: (text: string) => void;

  /** @param print receives each note once, as one sentence without a full stop */
  constructor(print: (text: string) => void) {
    this.print = print;
  }

  /** Remembers the id of a resource that exists in name only. */
  rememberMadeUp(id: string): void {
    this.madeUp.add(id.slice(Math.max(id.lastIndexOf('/'), id.lastIndexOf(':')) + 1));
  }

  /** Returns whether a text, such as the properties of a resource, names something that exists in name only. */
  namesMadeUp(text: string): boolean {
    return [...this.madeUp].some((id) => text.includes(id));
  }

  note(text: string): void {
    if (this.noted.has(text)) return;
    this.noted.add(text);
    this.print(text);
  }

  /** Remembers a resource of a type that is not emulated for `noteInName`, because a VPC alone has twenty. */
  rememberInName(type: string, name: string): void {
    const key = `${type} ${name}`;
    if (this.knownInName.has(key)) return;
    this.knownInName.add(key);
    this.inName.set(type, [...(this.inName.get(type) ?? []), name]);
  }

  /** Notes the resources of `rememberInName`, in one line for each type. */
  noteInName(): void {
    for (const [type, [first, ...others]] of this.inName) {
      const [names, rest] =
        others.length === 0
          ? [first, 'it exists']
          : [`${first} and ${others.length} more`, 'they exist'];
      this.note(`${names}: ${type} is not emulated here; ${rest} in name only`);
    }
    this.inName.clear();
  }
}
