import { Copy } from './copy';
import classes from './states.module.css';

/** The id that finds a request in the server's log, to quote and to copy. */
export function RequestId({ id }: { id: string }) {
  return (
    <p className={classes.request}>
      <span>Request {id}</span>
      <Copy value={id} label="Copy the request id" />
    </p>
  );
}
