import { useSessionEnded } from '@/api/session';
import { lazyPart } from '@/shared/lazy-part';
import { Wanted } from '@/shared/ui/wanted';

// Loaded when it is first shown.
const SessionDialog = lazyPart(async () => (await import('../login/session-dialog')).SessionDialog);

/**
 * Shows the log-in dialog when the session of an open page ends. It is part of the frames, so that
 * it disappears with the page: after a log-out the log-in page takes over.
 */
export function SessionGuard() {
  return (
    <Wanted now={useSessionEnded()}>
      <SessionDialog />
    </Wanted>
  );
}
