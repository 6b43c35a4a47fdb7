import { IconBan } from '@tabler/icons-react';
import type { Job } from '@/shared/api/client';
import { cancelled } from './lines';
import classes from './notes.module.css';
import { Section } from './section';

/** The receipt's place of a cancelled job. */
export function NoFile({ job }: { job: Job }) {
  return (
    <Section title="Receipt">
      <div className={classes.note}>
        <IconBan size={17} stroke={1.75} aria-hidden />
        <p>
          <b>No file was kept.</b> The export was cancelled {cancelled(job)}.
        </p>
      </div>
    </Section>
  );
}
