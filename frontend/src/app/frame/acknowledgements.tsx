import '@mantine/notifications/styles.layer.css';
import { Notifications } from '@mantine/notifications';

/** Short notices at the bottom left, such as "Copied". Toasts and pages show everything important. */
export default function Acknowledgements() {
  return <Notifications position="bottom-left" />;
}
