import { notifications } from '@mantine/notifications';
import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { type ComponentType, useRef, useState } from 'react';
import { expect, it, vi } from 'vitest';
import { renderUi } from '@/shared/testing/render';
import { useLoadedByPress, useOpenedByPress } from './use-loaded-by-press';

function List({ name }: { name: string }) {
  const button = useRef<HTMLButtonElement>(null);
  const [opened, setOpened] = useState(false);
  useOpenedByPress(button, () => setOpened(true));
  return (
    <>
      <button ref={button} type="button" aria-expanded={opened} onClick={() => setOpened(!opened)}>
        {name}
      </button>
      {opened && <p>The list</p>}
    </>
  );
}

function Face({ load, has }: { load: () => Promise<ComponentType<{ name: string }>>; has: 'listbox' | 'dialog' }) {
  const [Loaded, press] = useLoadedByPress(load, 'The list');
  if (Loaded) return <Loaded name="Stores" />;
  return (
    <button type="button" aria-haspopup={has} {...press(undefined)}>
      Stores
    </button>
  );
}

const button = () => screen.getByRole('button', { name: 'Stores' });

it.each(['{Enter}', ' ', '{ArrowDown}'])('opens by %o, and has the focus', async (key) => {
  renderUi(<Face load={async () => List} has="listbox" />);
  await userEvent.tab();
  await userEvent.keyboard(key);
  expect(await screen.findByText('The list')).toBeVisible();
  expect(button()).toHaveFocus();
  expect(button()).toHaveAttribute('aria-expanded', 'true');
  await userEvent.click(button());
  expect(screen.queryByText('The list')).not.toBeInTheDocument();
});

it('leaves arrow keys to a page whose dialog it opens', async () => {
  renderUi(<Face load={async () => List} has="dialog" />);
  await userEvent.tab();
  await userEvent.keyboard('{ArrowDown}');
  expect(button()).toHaveAttribute('aria-expanded', 'false');
});

it('says that it could not be loaded, and loads it by the next press', async () => {
  const show = vi.spyOn(notifications, 'show');
  const load = vi.fn<() => Promise<typeof List>>().mockRejectedValue(new TypeError('Failed to fetch'));
  renderUi(<Face load={load} has="listbox" />);
  await userEvent.click(button());
  expect(show).toHaveBeenCalledExactlyOnceWith({ message: 'The list could not be loaded. Try again.' });
  expect(button()).toHaveAttribute('aria-expanded', 'false');
  load.mockResolvedValue(List);
  await userEvent.click(button());
  expect(await screen.findByText('The list')).toBeVisible();
});
