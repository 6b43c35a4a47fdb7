import { screen, waitFor, within } from '@testing-library/react';
import { expect, it, vi } from 'vitest';
import type { Definition } from '@/api/client';
import { jobOf } from '@/shared/testing/jobs';
import { previewOf } from './testing';
import { gb, openDialog } from './testing-dialog';

const server = await vi.hoisted(async () => (await import('@/shared/testing/server')).fakeServer());

const card = (name: string) => screen.getByRole('checkbox', { name });
const started = () => server.asked.filter(({ path }) => path === '/v4/user-export-jobs').map(({ body }) => body);

it('exports what was chosen, and closes', async () => {
  const { user, onClose } = openDialog(server, { filter: gb });
  await user.click(card('Foreign Keys'));
  await user.click(screen.getByRole('radio', { name: 'RFC 4180' }));
  await user.click(await screen.findByRole('button', { name: 'Export 31,206 users' }));
  await waitFor(() => expect(onClose).toHaveBeenCalledOnce());
  expect(started()).toEqual([
    {
      include: { attributes: true, foreignKeys: true, grants: true },
      users: { userStoreId: 'uk', filter: gb },
      file: { dialect: 'rfc4180', compression: 'none' },
    },
  ]);
});

it('counts and exports the compressed file that was chosen', async () => {
  const { user } = openDialog(server);
  server.answers(({ path, body }) => {
    if (path === '/v4/user-export-jobs') return { status: 202, body: jobOf('01A', {}) };
    const packed = JSON.stringify(body).includes('"gzip"');
    return { body: previewOf({ about: { rows: 40_800, bytes: packed ? 6_900_000 : 31_400_000 } }) };
  });
  const aside = screen.getByRole('complementary', { name: /Before you start/ });
  await waitFor(() => expect(aside).toHaveTextContent('about 31.4 MB'));
  const compression = within(screen.getByRole('radiogroup', { name: 'Compression' }));
  expect(compression.getByRole('radio', { name: 'None' })).toBeChecked();
  await user.click(compression.getByRole('radio', { name: 'gzip' }));
  expect(screen.getByText('Spreadsheets do not open gzip.')).toBeInTheDocument();
  await waitFor(() => expect(aside).toHaveTextContent('about 6.9 MB'));
  await user.click(screen.getByRole('button', { name: 'Export 31,206 users' }));
  await waitFor(() => expect(started()).toHaveLength(1));
  expect(started()[0]).toMatchObject({ file: { dialect: 'spreadsheet', compression: 'gzip' } });
});

it('asks for at least one group', async () => {
  const { user } = openDialog(server);
  await user.click(card('Attributes'));
  await user.click(card('Grants'));
  await user.click(screen.getByRole('button', { name: 'Export users' }));
  expect(screen.getByRole('alert')).toHaveTextContent('Choose at least one');
  expect(card('Attributes')).toHaveFocus();
});

it('shows the options of profiles while they are chosen', async () => {
  const { user } = openDialog(server);
  const matching = () => screen.queryByRole('checkbox', { name: 'Only users with a matching profile' });
  expect(matching()).not.toBeInTheDocument();
  await user.click(card('Extended Profiles'));
  expect(matching()).toBeEnabled();
  await user.click(card('Attributes'));
  expect(matching()).toBeDisabled();
  expect(matching()).toBeChecked();
});

it('starts with what the admin exported last, and remembers what is exported now, never whom', async () => {
  const include = {
    attributes: false,
    extendedProfiles: { appIds: ['quiz1'], onlyMatching: true },
    foreignKeys: true,
    grants: false,
  };
  const choices: Definition = { include, file: { dialect: 'rfc4180', compression: 'gzip' } };
  const { user } = openDialog(server, { choices, filter: gb });
  expect(card('Foreign Keys')).toBeChecked();
  expect(card('Attributes')).not.toBeChecked();
  expect(screen.getByRole('radio', { name: 'RFC 4180' })).toBeChecked();
  await user.click(card('Attributes'));
  await user.click(await screen.findByRole('button', { name: 'Export 31,206 users' }));
  await waitFor(() => expect(server.asked.some(({ method }) => method === 'PATCH')).toBe(true));
  const sent = server.asked.find(({ method }) => method === 'PATCH');
  expect(sent?.path).toBe('/v4/preferences');
  expect(sent?.body).toEqual({
    export: {
      include: { ...include, attributes: true, extendedProfiles: { appIds: ['quiz1'], onlyMatching: false } },
      file: { dialect: 'rfc4180', compression: 'gzip' },
    },
  });
});
