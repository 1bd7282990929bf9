import type { File } from '@grammyjs/types';
import { badRequest } from '../bot-api-error.ts';
import { identity } from '../state/files.ts';
import { type MethodCall, type MethodTable, userIn } from './method.ts';

/** Client::do_get_file */
const MAX_DOWNLOAD_BYTES = 20 * 1024 * 1024;

export const fileMethods: MethodTable = {
  getFile,
  // People in the sandbox have neither photos nor music in their profiles.
  getUserProfileAudios: (call) => {
    userIn(call);
    return { total_count: 0, audios: [] };
  },
};

function getFile({ bot, parameters }: MethodCall): File {
  const id = parameters.text('file_id');
  if (id === '') throw badRequest('file_id not specified');
  const file = bot.files.find(id);
  if (!file) throw badRequest('invalid file_id');
  if (file.content.length > MAX_DOWNLOAD_BYTES) throw badRequest('file is too big');
  return { ...identity(file), file_path: file.path };
}
