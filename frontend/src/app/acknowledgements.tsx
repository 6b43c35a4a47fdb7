import '@mantine/notifications/styles.layer.css';
import { Notifications } from '@mantine/notifications';

/** Small words at the bottom left, such as "Copied". What matters is said by toasts and pages. */
export default function Acknowledgements() {
  return <Notifications position="bottom-left" />;
}
