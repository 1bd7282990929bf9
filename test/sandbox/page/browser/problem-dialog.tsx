import { useState } from 'preact/hooks';
import type { Problem } from '../protocol.ts';
import { escapeHidden } from './escape-hidden.ts';
import { CodeBlock } from './parts/code-block.tsx';
import { ModalDialog } from './parts/modal-dialog.tsx';

const KINDS: { readonly [K in Problem['kind']]: string } = {
  build: 'Build',
  synthesis: 'Synthesis',
  deploy: 'Deploy',
  types: 'Type check',
};

/** Says why the saved files do not run. Once closed, it stays closed until there is another problem. */
export function ProblemDialog({ problem }: { readonly problem: Problem | undefined }) {
  const [closed, setClosed] = useState<string>();
  const content = problem && JSON.stringify(problem);
  // The same problem after a fix is another one.
  if (!content && closed) setClosed(undefined);
  if (!problem || content === closed) return null;
  return (
    <ModalDialog kind="problem" title={problem.title} onClose={() => setClosed(content)}>
      <p class="problem-note">
        <strong>{KINDS[problem.kind]} failed.</strong> This closes when the problem is fixed.
      </p>
      <CodeBlock label="The problem in full">{escapeHidden(problem.text)}</CodeBlock>
    </ModalDialog>
  );
}
