import { act, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useState } from 'react';
import { expect, it, onTestFinished, vi } from 'vitest';
import type { Me } from '@/api/client';
import { keys } from '@/api/keys';
import { gate } from '@/shared/testing/gate';
import { jobOf } from '@/shared/testing/jobs';
import { renderUi } from '@/shared/testing/render';
import { ExportDialog } from './export-dialog';
import { previewOf } from './testing';
import { openDialog } from './testing-dialog';

const server = await vi.hoisted(async () => (await import('@/shared/testing/server')).fakeServer());

const started = () => server.asked.filter(({ path }) => path === '/v4/user-export-jobs').map(({ body }) => body);

it('leads to the export that is running', async () => {
  const body = { code: 'export_in_progress', detail: 'An export of yours is in progress.', jobId: '01Z' };
  const { user, onClose } = openDialog(server, { start: { status: 409, body } });
  await user.click(await screen.findByRole('button', { name: 'Export 31,206 users' }));
  expect(await screen.findByRole('alert')).toHaveTextContent('An export is running');
  expect(screen.getByRole('link', { name: 'View export' })).toHaveAttribute('href', '/t/meridian/exports/01Z');
  expect(onClose).not.toHaveBeenCalled();
});

it('says that this tab receives the file, and stays when the admin chooses no place for it', async () => {
  const { user, onClose } = openDialog(server, { mode: 'sync' });
  const picker = vi.fn(() => Promise.reject(new DOMException('', 'AbortError')));
  vi.stubGlobal('isSecureContext', true);
  vi.stubGlobal('showSaveFilePicker', picker);
  onTestFinished(() => void vi.unstubAllGlobals());
  expect(screen.getByText('Runs in this tab: keep it open until the export finishes.')).toBeInTheDocument();
  const aside = screen.getByRole('complementary', { name: /Before you start/ });
  expect(aside).toHaveTextContent('Saved by this browser');
  await user.click(await screen.findByRole('button', { name: 'Export 31,206 users' }));
  await waitFor(() => expect(picker).toHaveBeenCalledOnce());
  expect(started()).toEqual([]);
  expect(onClose).not.toHaveBeenCalled();
  expect(screen.queryByRole('alert')).not.toBeInTheDocument();
});

it('starts nothing twice when an answer is lost', async () => {
  const { user } = openDialog(server, { start: { status: 503, body: { code: 'unavailable', detail: 'Try again.' } } });
  const button = await screen.findByRole('button', { name: 'Export 31,206 users' });
  await user.click(button);
  expect(await screen.findByRole('alert')).toHaveTextContent('Try again.');
  await user.click(button);
  await waitFor(() => expect(started()).toHaveLength(2));
  const sent = server.asked.filter(({ path }) => path === '/v4/user-export-jobs').map(({ headers }) => headers);
  expect(sent[0]?.get('Idempotency-Key')).toMatch(/^[0-9a-f]{32}$/);
  expect(sent[1]?.get('Idempotency-Key')).toBe(sent[0]?.get('Idempotency-Key'));
});

it('does not warn of the export that it is starting', async () => {
  const { user, client, onClose } = openDialog(server);
  const accepted = gate();
  const job = jobOf('01A', { status: 'queued', version: 1 });
  await screen.findByRole('button', { name: 'Export 31,206 users' });
  server.answers(async ({ path }) => {
    if (path !== '/v4/user-export-jobs') return { body: previewOf() };
    await accepted.opened;
    return { status: 202, body: job };
  });
  await user.click(screen.getByRole('button', { name: 'Export 31,206 users' }));
  act(() => void client.setQueryData(keys.liveJobs('meridian'), [job])); // the socket is faster than the answer
  expect(screen.queryByRole('alert')).not.toBeInTheDocument();
  accepted.open();
  await waitFor(() => expect(onClose).toHaveBeenCalledOnce());
  expect(screen.queryByRole('alert')).not.toBeInTheDocument();
});

it.each(['Escape', 'Close', 'Cancel'])('gives the focus back after its first opening, by %s', async (how) => {
  const { unmount, client } = openDialog(server);
  unmount();
  const user = userEvent.setup();
  function Page() {
    const [opened, setOpened] = useState<boolean>();
    const initial = { store: 'uk', filter: null, search: '' };
    return (
      <>
        <button type="button" onClick={() => setOpened(true)}>
          Open
        </button>
        {opened !== undefined && (
          <ExportDialog opened={opened} onClose={() => setOpened(false)} tenant="meridian" initial={initial} />
        )}
      </>
    );
  }
  renderUi(<Page />, { client });
  await user.click(screen.getByRole('button', { name: 'Open' }));
  await screen.findByRole('dialog', { name: 'Export users' });
  if (how === 'Escape') await user.keyboard('{Escape}');
  else await user.click(screen.getByRole('button', { name: how }));
  await waitFor(() => expect(screen.getByRole('button', { name: 'Open' })).toHaveFocus());
});

it('says who gets the email where a mail server is set up', async () => {
  const { client } = openDialog(server);
  act(() => void client.setQueryData(keys.me, (me: Me) => ({ ...me, outbox: false })));
  expect(await screen.findByText('Runs in the background. When it ends, we email a@example.com.')).toBeVisible();
});

it('closes by Escape', async () => {
  const { user, onClose } = openDialog(server);
  await user.keyboard('{Escape}');
  expect(onClose).toHaveBeenCalledOnce();
});
