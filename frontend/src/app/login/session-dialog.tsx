import { Button, Modal } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { useEffect } from 'react';
import { meQuery, useMe } from '@/api/me';
import { sessionBegan, sessionLeft, useSessionEnded } from '@/api/session';
import { useDownloads } from '@/downloads/store';
import { openPage } from '@/shared/open-page';
import classes from './login.module.css';
import { LoginForm } from './login-form';
import { loginAddress } from './return';

/**
 * Asks for the password on top of the page when its session has ended. The page keeps its state.
 * The dialog closes as soon as another tab has a new session of the same admin: tabs share the cookie.
 */
export function SessionDialog() {
  const ended = useSessionEnded();
  const { data: me } = useMe();
  const client = useQueryClient();
  const router = useRouter();
  const stopped = [...useDownloads().values()].some(({ phase }) => phase === 'broken');
  const shown = ended && me !== undefined;
  const admin = me?.user_id;
  useEffect(() => {
    if (!shown) return;
    const look = async () => {
      const now = await client.fetchQuery({ ...meQuery, staleTime: 0, retry: false }).catch(() => undefined);
      if (now?.user_id !== admin) return;
      sessionBegan();
      await client.invalidateQueries();
    };
    void look();
    addEventListener('focus', look);
    return () => removeEventListener('focus', look);
  }, [shown, admin, client]);
  const other = () => {
    const { href } = router.state.location;
    sessionLeft();
    client.clear();
    openPage(loginAddress(href));
  };
  return (
    <Modal
      opened={shown}
      onClose={() => {}}
      closeOnClickOutside={false}
      closeOnEscape={false}
      withCloseButton={false}
      size={352}
      zIndex={1000}
    >
      <div className={classes.dialog}>
        {/* Mantine names the dialog by its own title only. */}
        <Modal.Title>Log in to continue</Modal.Title>
        <p>
          Your session has ended. Your filter is kept
          {stopped
            ? '. The export that this tab was downloading was stopped.'
            : ', and your running export is not affected.'}
        </p>
        <LoginForm
          size="sm"
          email={me?.email ?? ''}
          onDone={() => {}}
          actions={<Button onClick={other}>Use another account</Button>}
        />
      </div>
    </Modal>
  );
}
