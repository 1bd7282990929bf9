import type { GameHighScore, Message } from '@grammyjs/types';
import { badRequest } from '../bot-api-error.ts';
import { PLACEHOLDER_PNG } from '../state/image.ts';
import {
  dialogOf,
  integerOf,
  type MethodCall,
  type MethodTable,
  namedMessage,
  required,
  userIn,
} from './method.ts';
import { destinationOf, sendTo } from './sending.ts';

/** Games. BotFather's register of games does not exist here, so every short name is one. */
export const gameMethods: MethodTable = {
  sendGame,
  setGameScore,
  getGameHighScores: (call) => {
    const { dialog, message } = gameOf(call);
    userIn(call, dialog);
    return ranking(dialog.scoresOf(message));
  },
};

function sendGame(call: MethodCall): Message.GameMessage {
  const name = required(call.parameters, 'game_short_name');
  const { files } = call.bot;
  const photo = files.addPhoto(
    { kind: 'photo', content: PLACEHOLDER_PNG },
    { width: 640, height: 360 },
  );
  const file = files.add({ kind: 'animation', content: PLACEHOLDER_PNG });
  const animation = {
    file_id: file.id,
    file_unique_id: file.uniqueId,
    width: 640,
    height: 360,
    duration: 1,
  };
  const destination = destinationOf(call);
  const own = destination.markup;
  // Without a keyboard, Telegram adds the button itself.
  const play = { text: `Play ${name}`, callback_game: {} };
  const markup = own && 'inline_keyboard' in own ? own : { inline_keyboard: [[play]] };
  const game = { title: name, description: name, photo, text: '', text_entities: [], animation };
  return sendTo(call, { ...destination, markup }, { game });
}

function gameOf(call: MethodCall) {
  const dialog = dialogOf(call, 'edit');
  const message = namedMessage(dialog, call.parameters, 'message to set game score');
  if (!message.game) throw badRequest('message is not a game');
  return { dialog, message };
}

function setGameScore(call: MethodCall): (Message.GameMessage & { edit_date: number }) | true {
  const { parameters } = call;
  const score = integerOf(parameters, 'score');
  const { dialog, message } = gameOf(call);
  const user = userIn(call, dialog);
  const scores = dialog.scoresOf(message);
  const best = scores.get(user.id)?.score ?? 0;
  if (score <= best && !parameters.flag('force')) throw badRequest('BOT_SCORE_NOT_MODIFIED');
  scores.set(user.id, { user, score });
  const edited = dialog.replace({ ...message, edit_date: dialog.now() });
  return edited as Message.GameMessage & { edit_date: number };
}

function ranking(scores: ReadonlyMap<number, Omit<GameHighScore, 'position'>>): GameHighScore[] {
  return [...scores.values()]
    .sort((a, b) => b.score - a.score)
    .map((entry, index) => ({ ...entry, position: index + 1 }));
}
