import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it, vi } from 'vitest';
import type { Me, OutboxMail, Role } from '@/api/client';
import { keys } from '@/api/keys';
import { renderUi, testClient } from '@/shared/testing/render';
import { framed } from './mail-view';
import { Outbox } from './outbox-page';

const server = await vi.hoisted(async () => (await import('@/shared/testing/server')).fakeServer());

const mailOf = (mailId: string, subject: string): OutboxMail => ({
  mailId,
  jobId: `job-${mailId}`,
  to: 'amelia.hart@example.com',
  subject,
  time: '2026-11-23T08:33:28.000Z',
});
const mails = [mailOf('2', 'Your user export failed: Meridian'), mailOf('1', 'Your user export is ready: Meridian')];
const texts = { messageId: 'x@y', text: 'In plain words.', html: '<html><head></head><body>As a page.</body></html>' };

function setup(kept: OutboxMail[], { outbox = true, chosen = '', role = 'exporter' as Role } = {}) {
  const client = testClient();
  const tenants = [
    { id: 'meridian', name: 'Meridian Press', role, retentionSeconds: 604_800, secondFactorMissing: false },
  ];
  const me: Me = { user_id: 'u', email: 'a@example.com', name: 'A', tenant: 'meridian', role, tenants, outbox };
  client.setQueryData(keys.me, me);
  server.answers(({ path }) => {
    if (path === '/v4/outbox') return { body: { results: kept, next: null } };
    const mail = kept.find(({ mailId }) => path === `/v4/outbox/${mailId}`);
    return mail && { body: { ...mail, ...texts } };
  });
  renderUi(<Outbox tenant="meridian" chosen={chosen} />, { client, at: '/t/meridian/outbox' });
  return userEvent.setup();
}

it('shows the newest email next to the list, without scripts', async () => {
  setup(mails);
  const list = within(await screen.findByRole('navigation', { name: 'Emails' }));
  const [newest, older] = list.getAllByRole('link');
  expect(newest).toHaveAttribute('aria-current', 'true');
  expect(older).not.toHaveAttribute('aria-current');
  expect(older).toHaveAttribute('href', '/t/meridian/outbox?mail=%221%22');
  const frame = await screen.findByTitle('The email');
  expect(frame.getAttribute('sandbox')).not.toMatch(/script|same-origin|top-navigation/);
  expect(frame).toHaveAttribute('srcdoc', '<html><head><base target="_blank"></head><body>As a page.</body></html>');
  expect(screen.getByRole('link', { name: 'Open the export' })).toHaveAttribute('href', '/t/meridian/exports/job-2');
});

it('shows the email in the address, and its plain text', async () => {
  const user = setup(mails, { chosen: '1' });
  const mail = within(await screen.findByRole('article', { name: 'Your user export is ready: Meridian' }));
  await user.click(mail.getByRole('radio', { name: 'Plain text' }));
  expect(mail.getByText('In plain words.')).toBeVisible();
  expect(screen.queryByTitle('The email')).not.toBeInTheDocument();
});

it('says that an email is no longer stored', async () => {
  setup(mails, { chosen: 'gone' });
  expect(await screen.findByRole('heading', { name: 'This email is no longer stored' })).toBeVisible();
  expect(screen.queryByRole('button', { name: 'Retry' })).not.toBeInTheDocument();
});

it('explains an empty outbox, and links to the exports', async () => {
  setup([], { role: 'owner' });
  expect(await screen.findByRole('heading', { name: 'No emails yet' })).toBeVisible();
  expect(screen.getByRole('link', { name: 'Go to exports' })).toHaveAttribute('href', '/t/meridian/exports');
  expect(screen.getByText(/As an owner, you see the emails of all members/)).toBeVisible();
});

it('returns from an email to the list where both do not fit', async () => {
  setup(mails, { chosen: '1' });
  await screen.findByRole('article', { name: 'Your user export is ready: Meridian' });
  expect(screen.getByRole('link', { name: 'All emails' })).toHaveAttribute('href', '/t/meridian/outbox');
});

it('tells viewers who gets emails, without a request', async () => {
  setup(mails, { role: 'viewer' });
  expect(await screen.findByRole('heading', { name: 'Exporters and owners get emails' })).toBeVisible();
  expect(screen.getByText(/Ask an owner of Meridian Press for the role exporter/)).toBeVisible();
  expect(server.asked).toEqual([]);
});

it('sends no request if emails are sent', async () => {
  setup(mails, { outbox: false });
  expect(await screen.findByRole('heading', { name: 'Emails are sent' })).toBeVisible();
  await waitFor(() => expect(server.asked).toEqual([]));
});

it('opens links in a new tab for every form of HTML', () => {
  expect(framed('<p>bare')).toBe('<base target="_blank"><p>bare');
});
