import type { Role } from '@/api/client';
import { Question } from '@/shared/ui/question';
import { roles } from './roles';

/** What an owner confirms: the removal of a member, or another role for themselves. */
export type Asked = 'remove' | Role;

interface Props {
  about: Asked;
  /** The member is the asking owner. */
  own: boolean;
  onKeep: () => void;
  onConfirm: () => void;
}

/** Asks for confirmation before a change that only another owner can undo. */
export function MemberQuestion({ about, own, onKeep, onConfirm }: Props) {
  const answers = { onKeep, onConfirm };
  if (about !== 'remove') {
    return (
      <Question
        title={`Become ${roles[about].name.toLowerCase()}?`}
        confirm="Change my role"
        keep="Stay owner"
        {...answers}
      >
        Only another owner can undo this.
      </Question>
    );
  }
  return own ? (
    <Question title="Leave this tenant?" confirm="Leave" keep="Keep" {...answers}>
      Your role, API keys and sessions in this tenant are removed permanently.
    </Question>
  ) : (
    <Question title="Remove this member?" confirm="Remove" keep="Keep" {...answers}>
      Their role, API keys and sessions in this tenant are removed permanently.
    </Question>
  );
}
