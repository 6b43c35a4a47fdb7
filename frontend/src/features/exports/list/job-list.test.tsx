import { act, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';
import type { Job, Me, Role } from '@/api/client';
import { keys } from '@/api/keys';
import { featuresOf, jobOf } from '@/shared/testing/jobs';
import { renderUi, testClient } from '@/shared/testing/render';
import { JobList } from './job-list';

const server = await vi.hoisted(async () => (await import('@/shared/testing/server')).fakeServer());
const email = 'amelia.hart@example.com';
const at = new Date().toISOString();
const blank = jobOf('A', {}).progress;
const running = jobOf('01B', {
  status: 'downloading',
  origin: 'console',
  words: 'Country is GB',
  createdAt: at,
  startedAt: at,
  progress: {
    ...blank,
    percent: 26,
    etaSeconds: 26,
    users: { ...blank.users, bytes: 12_400_000, bytesTotal: 48_100_000, rows: 15_964 },
  },
});
const failed = jobOf('01A', { status: 'failed', outcome: 'failed', words: 'Plan is Digital', createdAt: at });

function setup(jobs: Job[], role: Role = 'owner') {
  const client = testClient();
  const tenants = [
    { id: 'meridian', name: 'Meridian Press', role, retentionSeconds: 604_800, secondFactorMissing: false },
  ];
  client.setQueryData<Me>(keys.me, {
    user_id: 'u1',
    email,
    name: 'Amelia Hart',
    tenant: 'meridian',
    role,
    tenants,
    outbox: true,
  });
  client.setQueryData(keys.features('meridian'), featuresOf('async'));
  const list = (some: Job[]) => <JobList tenant="meridian" jobs={some} zone="UTC" />;
  const shown = renderUi(list(jobs), { client });
  return { user: userEvent.setup(), show: (some: Job[]) => shown.rerender(list(some)) };
}
const row = (name: RegExp) => screen.getByRole('row', { name });

describe('the list', () => {
  it('opens a job by its title, which is in words', () => {
    setup([running]);
    const link = screen.getByRole('link', { name: 'Country is GB' });
    expect(link).toHaveAttribute('href', '/t/meridian/exports/01B');
  });

  it('shows how far a running job is', () => {
    setup([running]);
    const bar = within(row(/Country is GB/)).getByRole('progressbar', { name: 'Progress: Country is GB' });
    expect(bar).toHaveAttribute('aria-valuetext', '12.4 of 48.1 megabytes, 26 percent');
    expect(row(/Country is GB/)).toHaveTextContent('26% · 26 s left');
    expect(row(/Country is GB/)).toHaveTextContent('12.4 MBof about 48.1');
  });

  it('offers a viewer nothing but to look', async () => {
    const { user } = setup([failed], 'viewer');
    expect(within(row(/Plan is Digital/)).getAllByRole('button')).toHaveLength(1);
    await user.click(screen.getByRole('button', { name: 'More for Plan is Digital' }));
    const items = (await screen.findAllByRole('menuitem')).map((item) => item.textContent);
    expect(items).toEqual(['Open', 'Copy link']);
  });

  it('keeps a row that ends in its place while the pointer is over the list', async () => {
    const older = { ...running, jobId: '01AA', words: 'Older' };
    const { user, show } = setup([running, older]);
    await user.hover(row(/Country is GB/));
    show([{ ...running, status: 'completed' }, older]);
    const titles = () => screen.getAllByRole('link', { name: /Country|Older/ }).map((link) => link.textContent);
    expect(titles()).toEqual(['Country is GB', 'Older']);
    expect(screen.getByText('Live').parentElement).toHaveTextContent('Live 1');
    await user.unhover(screen.getByRole('table'));
    await waitFor(() => expect(titles()).toEqual(['Older', 'Country is GB']));
  });
});

describe('cancelling', () => {
  it('asks in place, and Escape keeps the export going', async () => {
    const { user } = setup([running]);
    server.answers(() => undefined);
    await user.click(screen.getByRole('button', { name: 'Cancel: Country is GB' }));
    const question = screen.getByRole('group', { name: 'Cancel this export?' });
    expect(question).toHaveTextContent('15,964 rows are written. No file will be kept.');
    expect(screen.getByRole('button', { name: 'Keep going' })).toHaveFocus();
    await user.keyboard('{Escape}');
    expect(screen.getByRole('button', { name: 'Cancel: Country is GB' })).toHaveFocus();
    expect(server.asked).toEqual([]);
  });

  it('cancels, and leaves the focus on the row wherever that goes', async () => {
    const { user, show } = setup([running, failed]);
    server.answers(() => ({ body: { ...running, status: 'cancelled' } }));
    screen.getByRole('button', { name: 'Cancel: Country is GB' }).focus();
    await user.keyboard('{Enter}');
    await user.tab({ shift: true });
    await user.keyboard('{Enter}');
    await waitFor(() => expect(server.asked).toMatchObject([{ method: 'DELETE', path: '/v4/user-export-jobs/01B' }]));
    expect(screen.getByRole('link', { name: 'Country is GB' })).toHaveFocus();
    show([{ ...running, status: 'cancelled' }, failed]);
    expect(screen.queryByText('Live')).not.toBeInTheDocument();
    expect(screen.getByRole('link', { name: 'Country is GB' })).toHaveFocus();
  });
});

describe('running again', () => {
  it('starts the same definition, once however often it is pressed', async () => {
    const { user } = setup([failed]);
    server.answers(() => ({ status: 202, body: running }));
    await user.dblClick(screen.getByRole('button', { name: 'Run again: Plan is Digital' }));
    await waitFor(() => expect(server.asked).toMatchObject([{ method: 'POST', body: failed.definition }]));
  });

  it('leads to the live export where there is one', async () => {
    const { user } = setup([failed]);
    const detail = 'An export of yours is in progress.';
    server.answers(() => ({ status: 409, body: { code: 'export_in_progress', detail, jobId: '01B' } }));
    await user.click(screen.getByRole('button', { name: 'Run again: Plan is Digital' }));
    const alert = await screen.findByRole('alert');
    expect(alert).toHaveTextContent(detail);
    const link = within(alert).getByRole('link', { name: 'Show the running export' });
    expect(link).toHaveAttribute('href', '/t/meridian/exports/01B');
  });

  it('uses the same key again after no answer came', async () => {
    const { user } = setup([failed]);
    const answering = globalThis.fetch;
    const sent: (string | null)[] = [];
    globalThis.fetch = async (input) => {
      sent.push(new Request(input).headers.get('Idempotency-Key'));
      throw new TypeError('network');
    };
    const button = screen.getByRole('button', { name: 'Run again: Plan is Digital' });
    await user.click(button);
    await screen.findByRole('alert');
    globalThis.fetch = answering;
    server.answers(() => ({ status: 202, body: running }));
    const { noteAnswer } = await import('@/api/reach');
    act(noteAnswer);
    await user.click(button);
    await waitFor(() => expect(server.asked).toHaveLength(1));
    expect(server.asked[0]?.headers.get('Idempotency-Key')).toBe(sent[0]);
  });
});
