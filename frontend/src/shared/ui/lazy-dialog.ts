import { notifications } from '@mantine/notifications';
import type { ComponentType } from 'react';
import { lazyPart } from '../lazy-part';

/**
 * Like lazyPart, for a part that a press opens. If it cannot be loaded, a notice says so, and it opens when it can be.
 * `what` is the beginning of the notice.
 */
export function lazyDialog<Props extends object>(load: () => Promise<ComponentType<Props>>, what: string) {
  const failed = () =>
    notifications.show({
      id: `not loaded: ${what}`,
      message: `${what} could not be loaded. It opens when the server answers. If it does not, reload the page.`,
    });
  return lazyPart(load, { failed });
}
