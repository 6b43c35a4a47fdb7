import type { Toast } from './toast';
import classes from './toast.module.css';

interface Props {
  id: string;
  toast: Toast;
}

/** ToastSubject says which export a toast is about: its definition in words, and its time. */
export function ToastSubject({ id, toast: { subject, job } }: Props) {
  return (
    <p id={id} className={classes.subject} title={`${job.words}\n${job.createdAt}`} dir="auto">
      {subject}
    </p>
  );
}
