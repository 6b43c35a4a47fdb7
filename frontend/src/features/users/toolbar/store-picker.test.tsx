import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it, vi } from 'vitest';
import { renderUi } from '@/shared/testing/render';
import { StorePicker } from './store-picker';

const server = await vi.hoisted(async () => (await import('@/shared/testing/server')).fakeServer());

it('counts the users of the stores only once it is opened', async () => {
  const counted = vi.fn();
  server.answers(() => {
    counted();
    return { body: { users: 12, accuracy: 'exact' } };
  });
  renderUi(<StorePicker tenant="meridian" stores={[{ id: 'uk', title: 'UK' }]} value="all" onChange={vi.fn()} />);
  const picker = screen.getByRole('button', { name: 'User store: All user stores' });
  expect(screen.queryByRole('option', { hidden: true })).not.toBeInTheDocument();
  expect(counted).not.toHaveBeenCalled();
  await userEvent.click(picker);
  expect(await screen.findByRole('option', { name: /UK/ })).toBeInTheDocument();
  await waitFor(() => expect(counted).toHaveBeenCalledTimes(2)); // all stores, and the one
});
