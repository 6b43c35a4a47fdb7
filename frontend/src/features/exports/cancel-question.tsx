import type { Job } from '@/shared/api/client';
import { Question } from '@/shared/ui/question';
import { lossOf } from './lines';

interface Props {
  job: Job;
  onConfirm: () => void;
  onKeep: () => void;
}

/** Asks in place whether to cancel, and says what that gives up. Escape keeps the export going. */
export function CancelQuestion({ job, ...rest }: Props) {
  return (
    <Question title="Cancel this export?" confirm="Cancel export" keep="Keep going" {...rest}>
      {lossOf(job)}
    </Question>
  );
}
