import { useState } from 'preact/hooks';
import type { UpdateEntry } from '../../../timeline/entries.ts';
import { usePageActions } from '../actions.ts';
import { Json } from '../parts/json.tsx';
import { asCurl, withoutId } from './as-curl.ts';
import { asTest } from './as-test.ts';
import { EditDialog } from './edit-dialog.tsx';

interface UpdateActionsProps {
  readonly entry: UpdateEntry;
  readonly isQueued: boolean;
}

export function UpdateActions({ entry, isQueued }: UpdateActionsProps) {
  const { act, can, copy, notify, entries } = usePageActions();
  const [isEditing, setEditing] = useState(false);
  const [isJsonShown, setJsonShown] = useState(false);
  const { botId, update, status } = entry;
  const copyTest = () => {
    const test = asTest(entry, entries(), { isQueued });
    if (test.ok) copy(test.code, 'a test. Save it as test/….test.ts');
    else notify(test.reason, true);
  };
  return (
    <>
      {isJsonShown && <Json value={update} label={`JSON of update ${update.update_id}`} />}
      <div class="entry-actions">
        <button
          type="button"
          class="small"
          aria-expanded={isJsonShown}
          onClick={() => setJsonShown(!isJsonShown)}
        >
          JSON
        </button>
        {status === 'dead letter' && (
          <button type="button" class="small" onClick={() => act({ do: 'redrive', botId })}>
            Redrive
          </button>
        )}
        {status === 'failing' && (
          <>
            <button type="button" class="small" onClick={() => act({ do: 'retry', botId })}>
              Try again now
            </button>
            <button
              type="button"
              class="small"
              onClick={() => act({ do: 'drop', botId, updateId: update.update_id })}
            >
              Drop
            </button>
          </>
        )}
        {can('send update') && (
          <>
            <button
              type="button"
              class="small"
              onClick={() => act({ do: 'send update', botId, update: withoutId(update) })}
            >
              Send again
            </button>
            <button type="button" class="small" onClick={() => setEditing(true)}>
              Edit and send
            </button>
          </>
        )}
        <button type="button" class="small" onClick={copyTest}>
          Copy as a test
        </button>
        {can('send update') && (
          <button
            type="button"
            class="small"
            onClick={() => copy(asCurl(location.href, botId, update), 'a command for the shell')}
          >
            Copy as curl
          </button>
        )}
        {isEditing && <EditDialog entry={entry} onClose={() => setEditing(false)} />}
      </div>
    </>
  );
}
