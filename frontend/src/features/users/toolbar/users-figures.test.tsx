import { act, screen, within } from '@testing-library/react';
import { afterEach, expect, it, vi } from 'vitest';
import { renderUi } from '@/shared/testing/render';
import { UsersFigures } from './users-figures';

const server = await vi.hoisted(async () => (await import('@/shared/testing/server')).fakeServer());
const { useFigures } = await import('@/api/figures');

afterEach(() => vi.useRealTimers());

function Shown() {
  const figures = useFigures('meridian', 'all');
  return <UsersFigures figures={figures} storeName="all user stores" matches={null} what="this filter" />;
}

it('says after five seconds that it is still counting', async () => {
  vi.useFakeTimers();
  server.answers(() => new Promise(() => {}));
  renderUi(<Shown />);
  await act(() => vi.advanceTimersByTimeAsync(4_999));
  expect(screen.queryByText('Still counting…')).not.toBeInTheDocument();
  await act(() => vi.advanceTimersByTimeAsync(1));
  expect(screen.getAllByText('Still counting…')).toHaveLength(2);
});

it('shows the registrations per day, with a table', async () => {
  const registeredDays = [
    { day: '2026-11-22', users: 0 },
    { day: '2026-11-23', users: 1_207 },
  ];
  server.answers(() => ({ body: { users: 48_213, registeredLast7Days: 1_207, registeredDays } }));
  renderUi(<Shown />);
  const name = 'Registrations per day in all user stores, 1,207 in the last 30 days';
  expect(await screen.findByRole('img', { name })).toBeVisible();
  const table = screen.getByRole('table', { name, hidden: true });
  expect(within(table).getByRole('row', { name: '23 Nov 2026 1,207', hidden: true })).toBeInTheDocument();
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  expect(server.asked.map(({ query }) => new URLSearchParams(query).get('timeZone'))).toEqual([timeZone]);
});

it('offers to count again what could not be counted', async () => {
  const detail = 'The response took too long. Wait a moment, then retry.';
  server.answers(() => ({ status: 503, body: { code: 'timeout', detail } }));
  renderUi(<Shown />);
  const [retry] = await screen.findAllByRole('button', { name: 'Retry' });
  server.answers(() => ({ body: { users: 48_213, registeredLast7Days: 312 } }));
  act(() => retry?.click());
  expect(await screen.findByText('48,213')).toBeInTheDocument();
});
