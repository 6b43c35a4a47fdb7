import type { Role } from '@/shared/api/client';
import { Question } from '@/shared/ui/question';
import { roles } from './words';

/** What an owner may be asked about: removing somebody, or a role for themselves. */
export type Asked = 'remove' | Role;

interface Props {
  about: Asked;
  /** It is about who is asked. */
  own: boolean;
  onKeep: () => void;
  onConfirm: () => void;
}

/** Asks before somebody loses what only an owner can give back. */
export function AdminQuestion({ about, own, onKeep, onConfirm }: Props) {
  const answers = { onKeep, onConfirm };
  if (about !== 'remove') {
    return (
      <Question
        title={`Become ${roles[about].name.toLowerCase()}?`}
        confirm="Give up being owner"
        keep="Stay owner"
        {...answers}
      >
        Only another owner can undo it.
      </Question>
    );
  }
  return own ? (
    <Question title="Leave this tenant?" confirm="Leave" keep="Keep" {...answers}>
      You lose access at once. Only an owner can let you in again.
    </Question>
  ) : (
    <Question title="Remove this admin?" confirm="Remove" keep="Keep" {...answers}>
      They lose access at once, their key pairs too.
    </Question>
  );
}
