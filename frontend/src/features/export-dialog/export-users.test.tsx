import { screen, waitFor, within } from '@testing-library/react';
import { expect, it, vi } from 'vitest';
import { gb, openDialog } from './testing-dialog';

const server = await vi.hoisted(async () => (await import('@/shared/testing/server')).fakeServer());

const started = () => server.asked.filter(({ path }) => path === '/v4/user-export-jobs').map(({ body }) => body);

it('carries the search of the screen over, and exports those whom it finds', async () => {
  const { user } = openDialog(server, { filter: gb, search: 'hart' });
  const users = screen.getByRole('group', { name: /carried over from the screen/ });
  expect(users).toHaveTextContent('Search “hart” and country is GB');
  await user.click(await screen.findByRole('button', { name: 'Export 31,206 users' }));
  await waitFor(() => expect(started()).toHaveLength(1));
  expect(started()[0]).toMatchObject({ users: { userStoreId: 'uk', filter: gb, search: 'hart' } });
  const previewed = server.asked.filter(({ path }) => path === '/v4/user-export-previews').map(({ body }) => body);
  expect(previewed).toEqual([started()[0]]);
});

it('lets the search be changed: what is pressed is what is read', async () => {
  const { user } = openDialog(server, { search: 'hart' });
  await screen.findByRole('button', { name: 'Export 31,206 users' });
  await user.type(screen.getByRole('textbox', { name: 'Search email, name or ID' }), 'ley ');
  expect(screen.getByRole('group', { name: /changed here/ })).toHaveTextContent('Search “hartley”');
  await user.click(screen.getByRole('button', { name: /^Export/ })); // before the pause that the count waits for
  await waitFor(() => expect(started()).toHaveLength(1));
  expect(started()[0]).toMatchObject({ users: { search: 'hartley' } });
});

it('lets the search be removed, and asks before that is lost', async () => {
  const { user, onClose } = openDialog(server, { search: 'hart' });
  await user.click(screen.getByRole('button', { name: 'Remove the search' }));
  expect(screen.getByRole('group', { name: /changed here/ })).toHaveTextContent('Everyone');
  await user.keyboard('{Escape}');
  expect(screen.getByRole('alert')).toHaveTextContent('You changed the users to export.');
  expect(onClose).not.toHaveBeenCalled();
  await user.click(await screen.findByRole('button', { name: 'Export 31,206 users' }));
  await waitFor(() => expect(started()).toHaveLength(1));
  expect(started()[0]).toMatchObject({ users: { userStoreId: 'uk' } });
  expect(started()[0]).not.toMatchObject({ users: { search: expect.anything() } });
});

it('asks for a store: the button stays enabled and leads there', async () => {
  const { user } = openDialog(server, { store: null });
  await user.click(screen.getByRole('button', { name: 'Export users' }));
  const picker = screen.getByRole('combobox', { name: /User store/ });
  expect(picker).toHaveFocus();
  expect(screen.getByRole('alert')).toHaveTextContent('Choose a user store');
  expect(started()).toEqual([]);
  await user.click(picker);
  await user.click(await screen.findByRole('option', { name: 'All user stores' }));
  expect(screen.queryByRole('alert')).not.toBeInTheDocument();
  expect(await screen.findByRole('button', { name: 'Export 31,206 users' })).toBeInTheDocument();
});

it('tells a refusal at the control that it names', async () => {
  const body = { code: 'invalid_request', detail: 'Country takes is and is_not.', field: 'users.filter.rules[0]' };
  openDialog(server, { filter: gb, preview: { status: 400, body } });
  const users = screen.getByRole('group', { name: /carried over/ });
  expect(await within(users).findByRole('alert')).toHaveTextContent('Country takes is and is_not.');
});
