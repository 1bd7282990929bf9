import type { MessageEntity, Poll, PollOption } from '@grammyjs/types';
import { badRequest, SandboxLimit } from '../bot-api-error.ts';
import { formatText } from '../formatting/index.ts';
import { readMarkup } from '../markup.ts';
import type { Parameters } from '../parameters.ts';
import { anyDialogOf } from './business.ts';
import {
  integerOf,
  isRecord,
  jsonOf,
  type MethodCall,
  type MethodTable,
  namedMessage,
} from './method.ts';
import { send } from './sending.ts';
import { readText } from './texts.ts';

export const pollMethods: MethodTable = {
  sendPoll: (call) => send(call, { poll: readPoll(call) }),
  stopPoll,
};

const MAX_QUESTION = 300;
const MAX_OPTIONS = 12;

function readPoll(call: MethodCall): Poll {
  const { bot, parameters } = call;
  if (parameters.text('media') !== '') throw new SandboxLimit('media in polls');
  const question = readText(call, {
    text: 'question',
    parseMode: 'question_parse_mode',
    entities: 'question_entities',
  });
  const options = readOptions(parameters);
  const isQuiz = readType(parameters) === 'quiz';
  const correct = isQuiz ? readCorrectOptions(parameters) : [];
  // PollManager and PollOption: what follows is checked once the parameters have been read.
  if ([...question.text].length > MAX_QUESTION) {
    throw badRequest(`poll question length must not exceed ${MAX_QUESTION}`);
  }
  if (question.text.trim() === '') throw badRequest('poll question must be non-empty');
  if (options.length === 0) throw badRequest('poll must have at least one answer option');
  if (options.length > MAX_OPTIONS) {
    throw badRequest(`poll can't have more than ${MAX_OPTIONS} options`);
  }
  if (isQuiz) checkCorrectOptions(correct, options.length);
  const explanation = isQuiz
    ? readText(call, {
        text: 'explanation',
        parseMode: 'explanation_parse_mode',
        entities: 'explanation_entities',
      })
    : undefined;
  const isAnonymous = !parameters.has('is_anonymous') || parameters.flag('is_anonymous');
  const openPeriod = integerOf(parameters, 'open_period');
  return {
    id: bot.queries.newId(),
    question: question.text,
    ...(question.entities.length > 0 && { question_entities: question.entities }),
    options,
    total_voter_count: 0,
    is_closed: parameters.flag('is_closed'),
    is_anonymous: isAnonymous,
    type: isQuiz ? 'quiz' : 'regular',
    allows_multiple_answers: parameters.flag('allows_multiple_answers'),
    allows_revoting: parameters.has('allows_revoting')
      ? parameters.flag('allows_revoting')
      : !isQuiz,
    members_only: false,
    ...(isQuiz && { correct_option_ids: correct }),
    // Older libraries know the single option only, which Telegram still sends.
    ...(correct.length === 1 && { correct_option_id: correct[0] }),
    ...(explanation?.text && {
      explanation: explanation.text,
      explanation_entities: explanation.entities,
    }),
    ...(openPeriod > 0 && { open_period: openPeriod, close_date: bot.now() + openPeriod }),
  };
}

function readType(parameters: Parameters): 'regular' | 'quiz' {
  const type = parameters.text('type') || 'regular';
  if (type !== 'regular' && type !== 'quiz') throw badRequest('unsupported poll type specified');
  return type;
}

/** Client::get_input_poll_options */
function readOptions(parameters: Parameters): PollOption[] {
  const refusal = "can't parse options JSON object";
  const options = parameters.text('options') === '' ? '' : jsonOf(parameters, 'options', refusal);
  if (options === '') throw badRequest(refusal);
  if (!Array.isArray(options)) throw badRequest('expected an Array of String as options');
  return options.map((option: unknown, index) => {
    const { text, entities } = readOption(option);
    if (text.trim() === '') throw badRequest('poll options must be non-empty');
    if ([...text].length > 100) throw badRequest('poll options length must not exceed 100');
    return {
      persistent_id: String(index),
      text,
      ...(entities.length > 0 && { text_entities: entities }),
      voter_count: 0,
    };
  });
}

function readOption(option: unknown): { text: string; entities: MessageEntity[] } {
  if (typeof option === 'string') return { text: option, entities: [] };
  if (!isRecord(option) || typeof option.text !== 'string') {
    throw badRequest('expected an option to be of type String');
  }
  if (option.media !== undefined) throw new SandboxLimit('media in polls');
  const { text, text_parse_mode = '', text_entities } = option;
  return formatText({
    text,
    parseMode: String(text_parse_mode),
    entities: text_entities as MessageEntity[] | undefined,
  });
}

function readCorrectOptions(parameters: Parameters): number[] {
  if (!parameters.has('correct_option_ids')) {
    const id = parameters.text('correct_option_id');
    return id === '' ? [] : [Number.parseInt(id, 10) || 0];
  }
  const ids = jsonOf(
    parameters,
    'correct_option_ids',
    "can't parse correct option identifiers JSON object",
  );
  if (!Array.isArray(ids)) throw badRequest('expected an Array of correct option identifiers');
  if (ids.some((id) => typeof id !== 'number')) {
    throw badRequest('correct option identifier must be of type Number');
  }
  return ids;
}

/** PollManager::check_quiz_correct_option_ids */
function checkCorrectOptions(ids: readonly number[], count: number): void {
  if (ids.length === 0) throw badRequest('correct quiz option list must be non-empty');
  if (ids.some((id, index) => index > 0 && id <= (ids[index - 1] ?? 0))) {
    throw badRequest('correct quiz option list must be increasing');
  }
  if (ids.some((id) => id < 0 || id >= count)) throw badRequest('wrong quiz correct_option_id');
}

function stopPoll(call: MethodCall): Poll {
  const { bot, parameters } = call;
  const markup = readMarkup(parameters);
  const dialog = anyDialogOf(call, 'edit');
  const message = namedMessage(dialog, parameters, 'message with poll to stop');
  // MessagesManager::stop_poll
  if (!message.poll) throw badRequest('message is not a poll');
  const author = dialog.business ? message.sender_business_bot : message.from;
  if (author?.id !== bot.id || message.poll.is_closed) {
    throw badRequest("poll can't be stopped");
  }
  const poll = { ...message.poll, is_closed: true };
  const { reply_markup, ...rest } = message;
  dialog.replace({
    ...rest,
    poll,
    ...(markup && 'inline_keyboard' in markup && { reply_markup: markup }),
  });
  bot.receive({ poll });
  return poll;
}
