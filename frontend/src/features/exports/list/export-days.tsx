import { useExportDays } from '@/api/export-days';
import { BarPlot } from '@/shared/ui/bar-plot';
import { count, counted } from '@/shared/ui/format';
import { shortDay } from '../text/dates';
import classes from './export-days.module.css';

interface Props {
  tenant: string;
  zone: string;
  /** The day that is shown alone, as "2026-11-23"; "" for none. */
  day: string;
  /** Called with the chosen day, or "" if it was shown already. */
  onDay: (day: string) => void;
}

/** The exports of the last 30 days as bars: exports, failures in red, and rows. A day filters the list. */
export function ExportDays({ tenant, zone, day, onDay }: Props) {
  const days = useExportDays(tenant, zone).data;
  if (!days) return <div className={classes.days} data-waiting />; // also if they cannot be loaded: the list does not need them
  const exports = days.reduce((sum, one) => sum + one.exports, 0);
  if (exports === 0) return null;
  const failed = days.reduce((sum, one) => sum + one.failed, 0);
  return (
    <div className={classes.days}>
      <p className={classes.legend}>
        Last 30 days: {counted(exports, 'export')}
        {failed > 0 && <b>, {count(failed)} failed</b>}
      </p>
      <BarPlot
        label={`Exports of the last 30 days: ${counted(exports, 'export')}, ${count(failed)} failed`}
        head="Day"
        names={days.map((one) => shortDay(`${one.day}T12:00:00Z`, 'UTC'))}
        series={[
          {
            name: 'Exports',
            values: days.map((one) => one.exports),
            failed: days.map((one) => one.failed),
            height: 40,
            text: count,
          },
          { name: 'Rows', values: days.map((one) => one.rows), height: 16, text: count },
        ]}
        column={{ name: 'Failed', values: days.map((one) => one.failed), text: count }}
        selected={days.findIndex((one) => one.day === day)}
        onSelect={(i) => {
          const chosen = days[i]?.day ?? '';
          onDay(chosen === day ? '' : chosen);
        }}
      />
    </div>
  );
}
