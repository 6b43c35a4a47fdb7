import { Button } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { askForNotifications, useNotificationPermission } from './notifications';
import classes from './toast.module.css';

/** NotifyChoice lets the admin allow notifications. It shows nothing if the choice was made before. */
export function NotifyChoice() {
  const permission = useNotificationPermission();
  const [asked, setAsked] = useState(false);
  const answer = useRef<HTMLParagraphElement>(null);
  const answered = asked && permission !== 'default';
  // The answer takes the place, and the focus, of the button.
  useEffect(() => {
    if (answered && document.activeElement === document.body) answer.current?.focus();
  }, [answered]);
  if (answered) {
    return (
      <p ref={answer} role="status" tabIndex={-1}>
        {permission === 'granted'
          ? 'This browser will notify you when an export ends.'
          : 'This browser blocks notifications of Egress. Allow them in its settings.'}
      </p>
    );
  }
  if (permission !== 'default') return null;
  return (
    <Button
      className={classes.button ?? ''}
      size="xs"
      title="Notify me when an export ends"
      onClick={() => void askForNotifications().then(() => setAsked(true))}
    >
      Notify me
    </Button>
  );
}
