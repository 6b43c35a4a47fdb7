import type { Figures } from '@/api/client';
import { BarPlot } from '@/shared/ui/bar-plot';
import { count, day } from '@/shared/ui/format';

interface Props {
  days: NonNullable<Figures['registeredDays']>;
  /** The name of the store: "all user stores". */
  storeName: string;
}

/** The registrations of the last 30 days, as bars and as a table. */
export function RegisteredPlot({ days, storeName }: Props) {
  const total = days.reduce((sum, one) => sum + one.users, 0);
  return (
    <BarPlot
      label={`Registrations per day in ${storeName}, ${count(total)} in the last 30 days`}
      head="Day"
      names={days.map((one) => day(`${one.day}T12:00:00Z`, 'UTC'))}
      series={[{ name: 'Registered', values: days.map((one) => one.users), height: 24, text: count }]}
    />
  );
}
