import { randomInt } from 'node:crypto';
import type { Contact, Location, Venue } from '@grammyjs/types';
import { badRequest } from '../bot-api-error.ts';
import type { Parameters } from '../parameters.ts';
import type { MessageFields } from '../state/dialog.ts';
import { anyDialogOf } from './business.ts';
import {
  compact,
  dialogOf,
  given,
  integerOf,
  type MethodCall,
  type MethodTable,
  required,
} from './method.ts';
import { checkWritable, refuseLimits, send } from './sending.ts';
import { readText, textFields } from './texts.ts';

/** Messages without files. */
export const messageMethods: MethodTable = {
  sendMessage: (call) => send(call, textFields(call)),
  sendLocation: (call) => send(call, { location: readLocation(call.parameters) }),
  sendVenue: (call) => {
    const venue = readVenue(call.parameters);
    return send(call, { venue, location: venue.location });
  },
  sendContact: (call) => send(call, { contact: readContact(call.parameters) }),
  sendDice: (call) => send(call, { dice: throwDice(call.parameters.text('emoji') || '🎲') }),
  sendChatAction,
  sendMessageDraft,
};

/** Client::get_location */
export function readLocation(parameters: Parameters): Location {
  for (const name of ['latitude', 'longitude']) {
    if (parameters.text(name).trim() === '') throw badRequest(`${name} is empty`);
  }
  const latitude = Number.parseFloat(parameters.text('latitude')) || 0;
  const longitude = Number.parseFloat(parameters.text('longitude')) || 0;
  // Location::process_input_message_location
  if (Math.abs(latitude) > 90 || Math.abs(longitude) > 180) {
    throw badRequest('wrong location specified');
  }
  const livePeriod = integerOf(parameters, 'live_period');
  if (livePeriod !== 0 && livePeriod < 60) throw badRequest('wrong live location period specified');
  return compact({
    latitude,
    longitude,
    horizontal_accuracy: Number.parseFloat(parameters.text('horizontal_accuracy')) || undefined,
    live_period: given(livePeriod),
    heading: given(integerOf(parameters, 'heading')),
    proximity_alert_radius: given(integerOf(parameters, 'proximity_alert_radius')),
  });
}

export function readVenue(parameters: Parameters): Venue {
  const location = readLocation(parameters);
  return compact({
    location,
    title: parameters.text('title'),
    address: parameters.text('address'),
    foursquare_id: given(parameters.text('foursquare_id')),
    foursquare_type: given(parameters.text('foursquare_type')),
    google_place_id: given(parameters.text('google_place_id')),
    google_place_type: given(parameters.text('google_place_type')),
  });
}

export function readContact(parameters: Parameters): Contact {
  return compact({
    phone_number: required(parameters, 'phone_number'),
    first_name: required(parameters, 'first_name'),
    last_name: given(parameters.text('last_name')),
    vcard: given(parameters.text('vcard')),
  });
}

/** The emoji that Telegram animates, and how many values each one has. */
const DICE: Record<string, number> = { '🎲': 6, '🎯': 6, '🎳': 6, '🏀': 5, '⚽': 5, '🎰': 64 };

function throwDice(emoji: string): NonNullable<MessageFields['dice']> {
  const known = emoji.replace('\ufe0f', '');
  const values = DICE[known];
  if (values === undefined) throw badRequest('EMOTICON_INVALID');
  return { emoji: known, value: randomInt(1, values + 1) };
}

/** Client::get_chat_action */
const ACTIONS = [
  ...['cancel', 'typing', 'upload_photo', 'record_video', 'upload_video', 'record_audio'],
  ...['record_voice', 'upload_audio', 'upload_voice', 'upload_document', 'choose_sticker'],
  ...['pick_up_location', 'find_location', 'record_video_note', 'upload_video_note'],
];

function sendChatAction(call: MethodCall): true {
  const action = call.parameters.text('action').toLowerCase();
  if (!ACTIONS.includes(action)) throw badRequest('wrong parameter action in request');
  refuseLimits(call.parameters);
  const dialog = anyDialogOf(call, 'write');
  checkWritable(call, dialog);
  dialog.acted.emit(action);
  return true;
}

function sendMessageDraft(call: MethodCall): true {
  const { parameters } = call;
  const { text, entities } = readText(call, { text: 'text', maxLength: 4096 });
  const dialog = dialogOf(call, 'write');
  checkWritable(call, dialog);
  dialog.drafted.emit({ id: integerOf(parameters, 'draft_id'), text, entities });
  return true;
}
