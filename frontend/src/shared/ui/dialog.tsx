import { Modal } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './dialog.module.css';
import { useFocusReturn } from './use-focus-return';

interface Props {
  title: string;
  opened: boolean;
  onClose: () => void;
  /** The width in pixels. */
  size: number;
  children: ReactNode;
}

/** A small dialog with a title and a close button. It returns the focus when it closes. */
export function Dialog({ title, opened, onClose, size, children }: Props) {
  useFocusReturn(opened);
  return (
    <Modal.Root opened={opened} onClose={onClose} size={size} centered returnFocus={false}>
      <Modal.Overlay color="var(--overlay)" backgroundOpacity={1} />
      <Modal.Content className={classes.content ?? ''}>
        {/* The page already has a banner on narrow screens, so this header is presentational. */}
        <Modal.Header role="presentation" className={classes.header ?? ''}>
          <Modal.Title className={classes.title ?? ''}>{title}</Modal.Title>
          <Modal.CloseButton aria-label="Close" iconSize={18} />
        </Modal.Header>
        <Modal.Body className={classes.body ?? ''}>{children}</Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}
