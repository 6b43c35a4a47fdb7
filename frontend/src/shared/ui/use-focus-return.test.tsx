import { render, screen, waitFor } from '@testing-library/react';
import { expect, it, vi } from 'vitest';
import { useFocusReturn } from './use-focus-return';

function Dialog({ opened, onReturned }: { opened: boolean; onReturned?: () => void }) {
  useFocusReturn(opened, onReturned);
  return null;
}

interface Props {
  opened: boolean;
  opener?: boolean;
  onReturned?: () => void;
}

function Page({ opened, opener = true, onReturned = () => {} }: Props) {
  return (
    <>
      <h1 tabIndex={-1} data-page-title="">
        Title
      </h1>
      {opener && <button type="button">Opener</button>}
      <button type="button">Other</button>
      <Dialog opened={opened} onReturned={onReturned} />
    </>
  );
}

function setup() {
  const { rerender } = render(<Page opened={false} />);
  screen.getByRole('button', { name: 'Opener' }).focus();
  rerender(<Page opened />);
  (document.activeElement as HTMLElement).blur();
  return rerender;
}

it('returns the focus to the opener, then reports it', async () => {
  const rerender = setup();
  const opener = screen.getByRole('button', { name: 'Opener' });
  const returned = vi.fn(() => expect(opener).toHaveFocus());
  rerender(<Page opened={false} onReturned={returned} />);
  await waitFor(() => expect(returned).toHaveBeenCalledOnce());
});

it('focuses the title if the opener is gone', async () => {
  const rerender = setup();
  rerender(<Page opened opener={false} />);
  rerender(<Page opened={false} opener={false} />);
  await waitFor(() => expect(screen.getByRole('heading')).toHaveFocus());
});

it('leaves the focus where the admin has moved it', async () => {
  const rerender = setup();
  const returned = vi.fn();
  rerender(<Page opened={false} onReturned={returned} />);
  screen.getByRole('button', { name: 'Other' }).focus();
  await waitFor(() => expect(returned).toHaveBeenCalled());
  expect(screen.getByRole('button', { name: 'Other' })).toHaveFocus();
});
