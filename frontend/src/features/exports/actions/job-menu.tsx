import { useLoadedByPress } from '@/shared/ui/use-loaded-by-press';
import { MoreButton } from './more-button';
import type { JobMenuProps } from './opened-job-menu';

const loadMenu = async () => (await import('./opened-job-menu')).OpenedJobMenu;

/** The menu of a job's further actions. */
export function JobMenu(props: JobMenuProps) {
  const [Menu, press] = useLoadedByPress(loadMenu, 'The menu');
  if (Menu) return <Menu {...props} />;
  const { job, withOpen, framed, ref } = props;
  return (
    <MoreButton
      ref={ref}
      of={withOpen ? job.words : undefined}
      framed={framed}
      aria-haspopup="menu"
      {...press(undefined)}
    />
  );
}
