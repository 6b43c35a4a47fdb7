import { Button } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { Definition, Me } from '@/api/client';
import { useMe } from '@/api/me';
import { RequestId } from '@/shared/ui/request-id';
import { CopyCommand } from './copy-command';
import classes from './dialog-foot.module.css';
import type { PlacedProblem } from './problems';

interface Props {
  /** An error that belongs to no control. */
  problem: PlacedProblem | null;
  tenant: string;
  /** The id of this admin's live job, started in any tab. */
  live: string | undefined;
  offline: boolean;
  /** The admin tried to leave with a changed filter or search. */
  asked: boolean;
  /** What the form exports; null while it is incomplete. */
  definition: Definition | null;
  /** The text of the export button: "Export 31,206 users". */
  action: string;
  starting: boolean;
  /** Whether this tab streams the file. */
  streams: boolean;
  /** Called when a menu opens over the dialog, and when it closes. */
  onNested: (nested: boolean) => void;
  onCancel: () => void;
  onExport: () => void;
}

const inTab = 'Runs in this tab: keep it open until the export finishes.';

// Says where the email about the outcome is found.
function inBackground(me: Me | undefined): string {
  const runs = 'Runs in the background.';
  if (!me) return runs;
  return me.outbox
    ? `${runs} The email about its end is kept in the Outbox.`
    : `${runs} When it ends, we email ${me.email}.`;
}

/** DialogFoot shows errors and has the buttons that cancel and export. */
export function DialogFoot({
  problem,
  tenant,
  live,
  offline,
  asked,
  definition,
  action,
  starting,
  streams,
  onNested,
  onCancel,
  onExport,
}: Props) {
  const jobId = live ?? problem?.jobId;
  const me = useMe().data;
  return (
    <div className={classes.foot}>
      {asked && (
        <p role="alert" className={classes.notice}>
          You changed the users to export. Press Escape again to close without exporting.
        </p>
      )}
      {jobId ? (
        <p role="alert" className={classes.notice}>
          An export is running. Wait until it ends, or cancel it.{' '}
          <Link to="/t/$tenant/exports/$jobId" params={{ tenant, jobId }} onClick={onCancel}>
            View export
          </Link>
        </p>
      ) : (
        problem && (
          <div role="alert" className={classes.notice} data-tone="fail">
            <p>{problem.message}</p>
            {problem.requestId && <RequestId id={problem.requestId} />}
          </div>
        )
      )}
      <div className={classes.row}>
        <p>{offline ? 'The server does not answer. Your choices are kept.' : streams ? inTab : inBackground(me)}</p>
        {definition && <CopyCommand definition={definition} onOpened={onNested} />}
        <Button onClick={onCancel}>Cancel</Button>
        <Button
          classNames={{ root: classes.action ?? '', label: classes.actionLabel ?? '' }}
          variant="filled"
          leftSection={<IconDownload size={16} stroke={1.75} />}
          aria-disabled={live !== undefined || offline || undefined}
          loading={starting}
          onClick={onExport}
        >
          {action}
        </Button>
      </div>
    </div>
  );
}
