import { useMediaQuery } from '@mantine/hooks';
import { Notifications } from '@mantine/notifications';
import '@mantine/notifications/styles.layer.css'; // after the sheets of the components, which it overrides
import classes from './acknowledgements.module.css';

/**
 * Short notices such as "Copied": at the bottom left, and at the top of narrow screens, whose dialogs have their buttons
 * at the bottom. Toasts and pages show everything important.
 */
export default function Acknowledgements() {
  const narrow = useMediaQuery('(max-width: 767px)', false, { getInitialValueInEffect: false });
  return <Notifications className={classes.notices ?? ''} position={narrow ? 'top-left' : 'bottom-left'} />;
}
