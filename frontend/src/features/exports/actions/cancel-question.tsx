import type { Job } from '@/api/client';
import { Question } from '@/shared/ui/question';
import { lossText } from '../text/job-text';

interface Props {
  job: Job;
  onConfirm: () => void;
  onKeep: () => void;
}

/**
 * CancelQuestion asks in place whether to cancel, and says what will be lost. Escape keeps the
 * export running.
 */
export function CancelQuestion({ job, ...rest }: Props) {
  return (
    <Question title="Cancel this export?" confirm="Cancel export" keep="Keep going" {...rest}>
      {lossText(job)}
    </Question>
  );
}
