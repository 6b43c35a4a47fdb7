import { useEffect, useId, useRef } from 'react';
import type { Toast } from './toast';
import classes from './toast.module.css';
import { ToastOutcome } from './toast-outcome';
import { ToastProgress } from './toast-progress';

interface Props {
  toast: Toast;
  /** The tenant's name, if toasts of several tenants are shown. */
  over: string | undefined;
  onDismiss: (jobIds: readonly string[]) => void;
}

/** ToastCard is the toast of one job: first its progress, then its outcome. */
export function ToastCard({ toast, over, onDismiss }: Props) {
  const title = useId();
  const subject = useId();
  const card = useRef<HTMLElement>(null);
  // The outcome removes the button that confirmed a cancel. Then the card takes the focus.
  const cancelled = useRef(false);
  const { kind } = toast;
  useEffect(() => {
    if (kind === 'running' || !cancelled.current) return;
    cancelled.current = false;
    if (document.activeElement === document.body) card.current?.focus();
  }, [kind]);

  return (
    <article
      ref={card}
      className={classes.toast}
      aria-labelledby={title}
      aria-describedby={subject}
      tabIndex={-1}
      data-kind={kind}
    >
      {over && (
        <p className={classes.over} dir="auto">
          {over}
        </p>
      )}
      {toast.kind === 'running' ? (
        <ToastProgress
          toast={toast}
          titleId={title}
          subjectId={subject}
          onCancel={() => {
            cancelled.current = true;
          }}
        />
      ) : (
        <ToastOutcome toast={toast} titleId={title} subjectId={subject} onDismiss={onDismiss} />
      )}
    </article>
  );
}
