import {
  IconAlertCircle,
  IconAlertTriangle,
  IconBan,
  IconCircleCheck,
  IconCircleDashed,
  IconDownload,
  type TablerIcon,
} from '@tabler/icons-react';
import { exactUtc } from '@/shared/ui/format';
import { Section } from './section';
import type { Step, StepLook } from './timeline';
import classes from './timeline.module.css';

const icons: Record<StepLook, TablerIcon> = {
  done: IconCircleCheck,
  warn: IconAlertTriangle,
  fail: IconAlertCircle,
  past: IconBan,
  download: IconDownload,
  next: IconCircleDashed,
};

/** Timeline lists the past and future steps of a job, in UTC like its file. */
export function Timeline({ steps }: { steps: readonly Step[] }) {
  return (
    <Section title="Timeline" aside="UTC">
      <ol className={classes.timeline}>
        {steps.map(({ name, look, message, time, shown }, i) => {
          const Icon = icons[look];
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: steps are only added at the end
            <li key={i} data-look={look}>
              <Icon size={18} stroke={1.75} aria-hidden />
              <b>
                {name}
                {look === 'next' && <span className="unseen"> (still to come)</span>}
              </b>
              {time && (
                <time dateTime={exactUtc(time)} title={exactUtc(time)}>
                  {shown}
                </time>
              )}
              {message && <p>{message}</p>}
            </li>
          );
        })}
      </ol>
    </Section>
  );
}
