import type { AnyMethod } from '../../../../functions/registrar/services.ts';
import { type FakeClock, type FakeFault, refusedWith, unreachable } from '../fakes.ts';

type Parameters = Readonly<Record<string, unknown>>;

/** The methods of the profile: what they get, set and clear, and the parameter that holds it. */
const METHODS: Readonly<Record<string, readonly ['get' | 'set' | 'clear', string]>> = {
  getMyName: ['get', 'name'],
  setMyName: ['set', 'name'],
  getMyDescription: ['get', 'description'],
  setMyDescription: ['set', 'description'],
  getMyShortDescription: ['get', 'short_description'],
  setMyShortDescription: ['set', 'short_description'],
  getMyCommands: ['get', 'commands'],
  setMyCommands: ['set', 'commands'],
  deleteMyCommands: ['clear', 'commands'],
  getChatMenuButton: ['get', 'menu_button'],
  setChatMenuButton: ['set', 'menu_button'],
  getMyDefaultAdministratorRights: ['get', 'rights'],
  setMyDefaultAdministratorRights: ['set', 'rights'],
};

const TEXTS = ['name', 'description', 'short_description'];

/** A slot and its value, as a method sets it. */
export interface ModelSlot {
  readonly kind: string;
  readonly where: Parameters;
  readonly value: unknown;
}

/** Telegram, reduced to a bot's profile: reads fall back as Telegram's do, and no call lists what is set. */
export class ProfileModel {
  /** What is set, by slot. A slot without an entry was never set, or was cleared. */
  readonly set = new Map<string, unknown>();
  /** The file of the photo; empty if there is none. */
  photo = '';
  private photoId = 0;
  /** The methods that had an effect, in order. */
  readonly writes: string[] = [];
  readonly reads: string[] = [];
  /** Decides how a call fails. */
  fault: (method: string) => FakeFault = () => undefined;
  /** Chats that the bot was removed from. */
  readonly lostChats = new Set<unknown>();
  private readonly refusedUntil = new Map<string, number>();
  private readonly clock: FakeClock;

  constructor(clock: FakeClock) {
    this.clock = clock;
  }

  /** Refuses a method for so long. */
  ration(method: string, seconds: number): void {
    this.refusedUntil.set(method, this.clock.now() + seconds * 1000);
  }

  readonly call: AnyMethod['call'] = (async (method: string, parameters: Parameters = {}) => {
    const [action] = METHODS[method] ?? [];
    const until = this.refusedUntil.get(method) ?? 0;
    const waitMs = until - this.clock.now();
    if (waitMs > 0) throw refusedWith(429, 'Too Many Requests', Math.ceil(waitMs / 1000));
    const fault = this.fault(method);
    if (fault instanceof Error) throw fault;
    const result = this.execute(method, parameters);
    if (action === 'get') this.reads.push(method);
    else if (method !== 'getUserProfilePhotos') this.writes.push(method);
    if (fault === 'lost') throw unreachable(method);
    return result;
  }) as never;

  /** Sets a slot as another process does; an undefined value clears it. */
  edit(kind: string, where: Parameters, value: unknown): void {
    const key = keyOf(kind, where);
    if (value === undefined) this.set.delete(key);
    else this.set.set(key, normalize(kind, value));
  }

  /** Returns what is set in a slot; undefined if nothing is. */
  raw(kind: string, where: Parameters): unknown {
    return this.set.get(keyOf(kind, where));
  }

  /** Returns what users see. */
  read(kind: string, where: Parameters): unknown {
    const own = this.raw(kind, where);
    if (own !== undefined) return own;
    if (TEXTS.includes(kind)) return where.language_code ? this.read(kind, {}) : '';
    if (kind === 'commands') return [];
    if (kind === 'rights') return {};
    return { type: where.chat_id === undefined ? 'commands' : 'default' };
  }

  private execute(method: string, parameters: Parameters): unknown {
    if (method === 'getUserProfilePhotos') {
      const photo = [{ file_unique_id: `photo-${this.photoId}` }];
      return { total_count: 1, photos: this.photo ? [photo] : [] };
    }
    if (method === 'setMyProfilePhoto') {
      const { photo } = parameters.photo as { photo: Uint8Array };
      this.photo = Buffer.from(photo).toString();
      this.photoId++;
      return true;
    }
    if (method === 'removeMyProfilePhoto') {
      this.photo = '';
      return true;
    }
    const [action, kind] = METHODS[method] ?? [];
    if (!action || !kind) throw new Error(`The model does not know ${method}`);
    const { [kind]: value, ...where } = parameters;
    const { chat_id } = (where.scope ?? where) as { chat_id?: unknown };
    if (this.lostChats.has(chat_id)) throw refusedWith(400, 'Bad Request: chat not found');
    if (action === 'get') {
      const read = this.read(kind, where);
      return TEXTS.includes(kind) ? { [kind]: read } : read;
    }
    const isCleared =
      action === 'clear' ||
      value === undefined ||
      value === '' ||
      (value as { type?: unknown }).type === 'default';
    this.edit(kind, where, isCleared ? undefined : value);
    return true;
  }
}

function keyOf(kind: string, where: Parameters): string {
  const { scope, for_channels, ...rest } = where;
  const { type } = (scope ?? {}) as { type?: string };
  return JSON.stringify([
    kind,
    Object.entries({
      ...rest,
      ...(type && type !== 'default' && { scope }),
      ...(for_channels === true && { for_channels }),
    }).sort(),
  ]);
}

/** Returns what Telegram makes of a value. */
function normalize(kind: string, value: unknown): unknown {
  if (kind === 'rights') {
    const on = Object.entries(value as object).filter(([, isOn]) => isOn === true);
    return Object.fromEntries(on.length > 0 ? [...on, ['can_manage_chat', true]] : []);
  }
  return typeof value === 'string' ? value.trim() : value;
}
