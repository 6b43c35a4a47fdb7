import { useKeptDays } from '@/api/export-days';
import { BarPlot } from '@/shared/ui/bar-plot';
import { count, counted, size } from '@/shared/ui/format';
import { useTimeZone } from '@/shared/ui/time';
import classes from './settings.module.css';

// English puts the day before the month, as in shared/ui/format.
const shortDay = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' });

/** What is stored now, by the day of deletion, so that the retention can be judged. */
export function KeptFiles({ tenant }: { tenant: string }) {
  const days = useKeptDays(tenant, useTimeZone()).data;
  if (!days) return null; // also if they cannot be loaded: no setting needs them
  const files = days.reduce((sum, one) => sum + one.files, 0);
  const bytes = days.reduce((sum, one) => sum + one.bytes, 0);
  if (files === 0) return <p className={classes.kept}>No file is stored.</p>;
  const label = `${counted(files, 'file')} with ${size(bytes)} stored, by the day of deletion`;
  return (
    <div className={classes.kept}>
      <p>{label}</p>
      <BarPlot
        label={label}
        head="Deleted on"
        names={days.map((one) => shortDay.format(new Date(`${one.day}T12:00:00Z`)))}
        series={[{ name: 'Size', values: days.map((one) => one.bytes), height: 40, text: (n) => size(n) }]}
        column={{ name: 'Files', values: days.map((one) => one.files), text: count }}
      />
    </div>
  );
}
