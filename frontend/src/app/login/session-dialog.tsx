import { Button, Modal } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { useMe } from '@/shared/api/me';
import { sessionLeft, useSessionEnded } from '@/shared/api/session';
import { useDownloads } from '@/shared/downloads/store';
import classes from './login.module.css';
import { LoginForm } from './login-form';

/** Asks for the password over the page when its session has ended. What the page held stays as it was. */
export function SessionDialog() {
  const ended = useSessionEnded();
  const { data: me } = useMe();
  const client = useQueryClient();
  const router = useRouter();
  const stopped = [...useDownloads().values()].some(({ phase }) => phase === 'broken');
  const other = () => {
    const { href } = router.state.location;
    sessionLeft();
    client.clear();
    void router.navigate({ to: '/login', search: { return: href } });
  };
  return (
    <Modal
      opened={ended && me !== undefined}
      onClose={() => {}}
      closeOnClickOutside={false}
      closeOnEscape={false}
      withCloseButton={false}
      size={352}
      zIndex={1000}
    >
      <div className={classes.dialog}>
        {/* Mantine names the dialog by its own title only. */}
        <Modal.Title>Log in to go on</Modal.Title>
        <p>
          Your session has ended. Your filter is kept
          {stopped ? '. The export that this tab received was stopped.' : ', and your running export is not affected.'}
        </p>
        <LoginForm
          size="sm"
          email={me?.email ?? ''}
          onDone={() => {}}
          actions={<Button onClick={other}>Other account</Button>}
        />
      </div>
    </Modal>
  );
}
