import { duration } from '@/shared/ui/format';
import classes from './login.module.css';

/** The reason why a form was refused, above its fields, and the wait before the next attempt. */
export function FormProblem({ error, wait }: { error: Error | null; wait: number }) {
  return (
    <div role="alert" className={classes.problem}>
      {error?.message}
      {wait > 0 && ` Try again in ${duration(wait)}.`}
    </div>
  );
}
