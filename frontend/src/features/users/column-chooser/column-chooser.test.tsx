import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it, vi } from 'vitest';
import type { UserSchema } from '@/api/client';
import { keys } from '@/api/keys';
import { renderUi, testClient } from '@/shared/testing/render';
import { schemaOf } from '../testing';

const server = await vi.hoisted(async () => (await import('@/shared/testing/server')).fakeServer());
const { useSchema } = await import('@/api/user-schema');
const { ColumnsButton } = await import('../toolbar/columns-button');

const schema = schemaOf(['first_name'], ['country', 'select'], ['age', 'number']);

function Shown({ onSort }: { onSort: () => void }) {
  return <ColumnsButton tenant="meridian" schema={useSchema('meridian').data} sort="" onSort={onSort} />;
}

async function setup(userColumns: string[] | null = ['email', 'registered', 'store'], status = 200) {
  const saved: unknown[] = [];
  server.answers(({ method, body }) => {
    if (method === 'GET') return { body: { ...schema, userColumns } };
    saved.push((body as { userColumns: unknown }).userColumns);
    return { status, body: { export: null, ...(body as object) } };
  });
  const client = testClient();
  client.setQueryData<UserSchema>(keys.schema('meridian'), { ...schema, userColumns });
  renderUi(<Shown onSort={vi.fn()} />, { client });
  const user = userEvent.setup();
  const button = () => screen.getByRole('button', { name: 'Columns' });
  button().focus();
  await user.keyboard('{Enter}');
  const dialog = await screen.findByRole('dialog', { name: 'Columns' });
  const labels = () =>
    within(dialog)
      .getAllByRole('checkbox')
      .map((one) => (one as HTMLInputElement).labels?.[0]?.textContent);
  return { saved, user, dialog: within(dialog), labels, button };
}

it('lists the shown columns first, and the email address as one that stays', async () => {
  const { dialog, labels } = await setup();
  expect(labels().slice(0, 4)).toEqual(['Email address', 'Registered', 'User store', 'Name']);
  expect(dialog.getByLabelText('Email address')).toBeDisabled();
  expect(dialog.getByLabelText('Email address')).toBeChecked();
  expect(dialog.getByLabelText('Registered')).toBeChecked();
  expect(dialog.getByLabelText('age')).not.toBeChecked();
});

it('adds, removes and moves columns by keyboard, and keeps the focus', async () => {
  const { dialog, user, saved, labels, button } = await setup();
  await user.click(dialog.getByLabelText('age'));
  await waitFor(() => expect(saved).toEqual([['email', 'registered', 'store', 'attributes.age']]));
  expect(dialog.getByLabelText('age')).toHaveFocus();
  dialog.getByRole('button', { name: 'Move age up' }).focus();
  await user.keyboard('{Enter}');
  await waitFor(() => expect(saved.at(-1)).toEqual(['email', 'registered', 'attributes.age', 'store']));
  expect(dialog.getByRole('button', { name: 'Move age up' })).toHaveFocus();
  expect(dialog.getByRole('status')).toHaveTextContent('age is column 3 of 4');
  await user.keyboard('{Enter}');
  await waitFor(() => expect(saved.at(-1)).toEqual(['email', 'attributes.age', 'registered', 'store']));
  await user.keyboard('{Enter}'); // it is the first one
  expect(saved).toHaveLength(3);
  expect(dialog.getByRole('button', { name: 'Move age up' })).toHaveFocus();
  dialog.getByLabelText('Registered').focus();
  await user.keyboard(' ');
  await waitFor(() => expect(saved.at(-1)).toEqual(['email', 'attributes.age', 'store']));
  expect(labels().slice(0, 3)).toEqual(['Email address', 'age', 'User store']);
  await user.click(dialog.getByRole('button', { name: 'Reset to default columns' }));
  await waitFor(() => expect(saved.at(-1)).toBeNull());
  await user.keyboard('{Escape}');
  await waitFor(() => expect(button()).toHaveFocus());
});

it('says that the columns could not be saved, and shows those of the server', async () => {
  const { dialog, user } = await setup(['email', 'store'], 503);
  await user.click(dialog.getByLabelText('age'));
  expect(await dialog.findByRole('alert')).toHaveTextContent('The columns could not be saved. Try again.');
  await waitFor(() => expect(dialog.getByLabelText('age')).not.toBeChecked());
});
