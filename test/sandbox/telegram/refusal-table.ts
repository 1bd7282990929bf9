import { POLL_AND_PAYMENT_REFUSALS } from './payment-refusals.ts';
import { PROFILE_REFUSALS } from './profile-refusals.ts';

/** A call, Telegram's refusal of it without its prefix, and the function that refuses. */
export type RefusalRow = [method: string, parameters: object, refusal: string, what: string];

const inChat = { chat_id: 42 };

const SENDING: RefusalRow[] = [
  ['sendMessage', { text: 'a' }, 'chat_id is empty', 'check_chat'],
  ['sendMessage', { chat_id: 43, text: 'a' }, 'chat not found', 'TdOnCheckChatCallback'],
  ['sendMessage', { chat_id: '@ada', text: 'a' }, 'chat not found', 'TdOnCheckChatCallback'],
  [
    'sendMessage',
    { ...inChat, text: 'a', reply_parameters: { message_id: 99 } },
    'message to be replied not found',
    'check_reply_parameters',
  ],
  [
    'sendMessage',
    { ...inChat, text: 'a', reply_to_message_id: 99 },
    'message to be replied not found',
    'check_reply_parameters',
  ],
  [
    'sendMessage',
    { ...inChat, text: 'a', reply_parameters: '{' },
    "can't parse reply parameters JSON object",
    'get_reply_parameters',
  ],
  [
    'sendMessage',
    { ...inChat, text: 'a', reply_parameters: [] },
    'object expected as reply parameters',
    'get_reply_parameters',
  ],
  ['sendPhoto', inChat, 'there is no photo in the request', 'process_send_photo_query'],
  ['sendDocument', inChat, 'there is no document in the request', 'process_send_document_query'],
  [
    'sendVideoNote',
    inChat,
    'there is no video note in the request',
    'process_send_video_note_query',
  ],
  ['sendSticker', inChat, 'there is no sticker in the request', 'process_send_sticker_query'],
  [
    'sendPhoto',
    { ...inChat, photo: 'nonsense' },
    'wrong file identifier/HTTP URL specified',
    'MessagesManager::on_send_message_fail',
  ],
  [
    'sendPhoto',
    { ...inChat, photo: 'attach://nothing' },
    'there is no photo in the request',
    'get_input_file',
  ],
  ['sendLocation', { ...inChat, longitude: 1 }, 'latitude is empty', 'get_location'],
  ['sendLocation', { ...inChat, latitude: 1 }, 'longitude is empty', 'get_location'],
  [
    'sendContact',
    { ...inChat, first_name: 'A' },
    'parameter "phone_number" is required',
    'get_required_string_arg',
  ],
  [
    'sendChatAction',
    { ...inChat, action: 'dance' },
    'wrong parameter action in request',
    'get_chat_action',
  ],
  ['sendMediaGroup', inChat, 'parameter "media" is required', 'get_required_string_arg'],
  [
    'sendMediaGroup',
    { ...inChat, media: '[' },
    "can't parse media JSON object",
    'get_input_message_contents',
  ],
  [
    'sendMediaGroup',
    { ...inChat, media: {} },
    'expected an Array of InputMedia',
    'get_input_message_contents',
  ],
  [
    'sendMediaGroup',
    { ...inChat, media: [] },
    'there are no messages to send',
    'check_message_group_message_contents',
  ],
  [
    'sendMediaGroup',
    { ...inChat, media: [{ type: 'photo' }] },
    "can't parse InputMedia: media not found",
    'get_input_media',
  ],
  [
    'sendMediaGroup',
    { ...inChat, media: [{ type: 'animation', media: 'https://x.y/z' }] },
    'can\'t parse InputMedia: type "animation" can\'t be used in sendMediaGroup',
    'get_input_media',
  ],
  [
    'sendMediaGroup',
    {
      ...inChat,
      media: [
        { type: 'photo', media: 'https://x.y/z' },
        { type: 'audio', media: 'https://x.y/z' },
      ],
    },
    "audio can't be mixed with other media types",
    'check_message_group_message_contents',
  ],
  [
    'forwardMessage',
    { ...inChat, message_id: 1 },
    'parameter "from_chat_id" is required',
    'get_required_string_arg',
  ],
  [
    'forwardMessage',
    { ...inChat, from_chat_id: 42, message_id: 99 },
    'message to forward not found',
    'check_message',
  ],
  [
    'copyMessage',
    { ...inChat, from_chat_id: 42, message_id: 99 },
    'message to copy not found',
    'check_message',
  ],
  [
    'copyMessages',
    { ...inChat, from_chat_id: 42 },
    'message identifiers are not specified',
    'get_message_ids',
  ],
];

const BUSINESS: RefusalRow[] = [
  ['getBusinessConnection', {}, 'business connection not found', 'check_business_connection'],
  [
    'sendMessage',
    { business_connection_id: 'x', text: 'a' },
    'chat identifier is empty',
    'get_business_connection_chat_id',
  ],
  [
    'sendMessage',
    { ...inChat, business_connection_id: 'x', text: 'a' },
    'business connection not found',
    'check_business_connection',
  ],
];

const EDITS: RefusalRow[] = [
  [
    'editMessageText',
    { ...inChat, message_id: 2, text: 'text' },
    'message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message',
    'fail_query_with_error',
  ],
  [
    'editMessageText',
    { ...inChat, message_id: 99, text: 'a' },
    'message to edit not found',
    'check_message',
  ],
  [
    'editMessageText',
    { ...inChat, message_id: 1, text: 'a' },
    "message can't be edited",
    'edit_message_text',
  ],
  [
    'editMessageText',
    { ...inChat, message_id: 2, text: '' },
    'message text is empty',
    'get_input_message_text',
  ],
  [
    'editMessageText',
    { text: 'a' },
    'message identifier is not specified',
    'get_inline_message_id',
  ],
  [
    'editMessageText',
    { ...inChat, message_id: 3, text: 'a' },
    'there is no text in the message to edit',
    'edit_message_text',
  ],
  [
    'editMessageCaption',
    { ...inChat, message_id: 2, caption: 'a' },
    'there is no caption in the message to edit',
    'edit_message_caption',
  ],
  [
    'editMessageReplyMarkup',
    { ...inChat, message_id: 2, reply_markup: { keyboard: [['a']] } },
    'inline keyboard expected',
    'get_inline_reply_markup',
  ],
  [
    'deleteMessage',
    { message_id: 2 },
    'chat identifier is not specified',
    'process_delete_message_query',
  ],
  ['deleteMessage', inChat, 'message identifier is not specified', 'process_delete_message_query'],
  ['deleteMessage', { ...inChat, message_id: 99 }, 'message to delete not found', 'check_message'],
  ['deleteMessages', inChat, 'message identifiers are not specified', 'get_message_ids'],
  [
    'deleteMessages',
    { ...inChat, message_ids: [0] },
    'invalid message identifier specified',
    'get_message_ids',
  ],
  [
    'deleteMessages',
    { ...inChat, message_ids: Array.from({ length: 101 }, (_, id) => id + 1) },
    'too many message identifiers specified',
    'get_message_ids',
  ],
  ['pinChatMessage', { ...inChat, message_id: 99 }, 'message to pin not found', 'check_message'],
  [
    'unpinChatMessage',
    inChat,
    'message to unpin not found',
    'TdOnGetChatPinnedMessageToUnpinCallback',
  ],
  [
    'setMessageReaction',
    { ...inChat, message_id: 99 },
    'message to react not found',
    'check_message',
  ],
  [
    'setMessageReaction',
    { ...inChat, message_id: 1, reaction: [{ type: 'x' }] },
    "can't parse ReactionType: invalid reaction type specified",
    'get_reaction_type',
  ],
];

const THE_REST: RefusalRow[] = [
  ['getFile', {}, 'file_id not specified', 'check_remote_file_id'],
  ['getFile', { file_id: 'x' }, 'invalid file_id', 'TdOnCheckRemoteFileIdCallback'],
  ['getUserProfilePhotos', {}, 'invalid user_id specified', 'get_user_id'],
  ['getUserProfilePhotos', { user_id: 43 }, 'user not found', 'TdOnCheckUserCallback'],
  [
    'getChatAdministrators',
    inChat,
    'there are no administrators in the private chat',
    'process_get_chat_administrators_query',
  ],
  ['leaveChat', inChat, "can't leave private chats", 'leave_dialog'],
  [
    'promoteChatMember',
    { ...inChat, user_id: 42 },
    'method is available for supergroup and channel chats only',
    'process_promote_chat_member_query',
  ],
  [
    'answerInlineQuery',
    { inline_query_id: '1', results: {} },
    'expected an Array of inline query results',
    'get_inline_query_results',
  ],
  [
    'answerInlineQuery',
    { inline_query_id: '1', results: [{ type: 'article', id: '1', title: 'T' }] },
    "can't parse inline query result: Input message content is not specified",
    'get_input_message_content',
  ],
];

/**
 * The refusals by subject. The functions are in telegram-bot-api's Client.cpp, or in TDLib. The chat with person 42 has
 * her message 1, and the bot's text 2, photo 3 and dice 4.
 */
export const REFUSALS: Record<string, RefusalRow[]> = {
  sending: SENDING,
  'polls and payments': POLL_AND_PAYMENT_REFUSALS,
  'business accounts': BUSINESS,
  'edits and deletions': EDITS,
  'the profile': PROFILE_REFUSALS,
  'everything else': THE_REST,
};
