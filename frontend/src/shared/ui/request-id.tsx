import { Copy } from './copy';
import classes from './states.module.css';

/** The id of a request in the server's log, with a copy button. */
export function RequestId({ id }: { id: string }) {
  return (
    <p className={classes.request}>
      <span>Request {id}</span>
      <Copy value={id} label="Copy the request ID" />
    </p>
  );
}
