import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it, vi } from 'vitest';
import type { UserPage } from '@/api/client';
import { renderUi } from '@/shared/testing/render';
import { userOf } from '../testing';
import { PagingFoot } from './paging-foot';

function show(page: Partial<UserPage>, still = false) {
  const onTurn = vi.fn();
  const onLimit = vi.fn();
  const shown: UserPage = { results: [userOf('u1'), userOf('u2')], next: null, previous: null, ...page };
  renderUi(<PagingFoot shown={shown} page={1} limit={25} total={2} still={still} onTurn={onTurn} onLimit={onLimit} />);
  return { onTurn, onLimit };
}

it('turns to the next page only if there is one', async () => {
  const { onTurn } = show({ next: 'YQ' });
  const before = screen.getByRole('button', { name: 'Previous page' });
  expect(before).toHaveAttribute('aria-disabled', 'true');
  await userEvent.click(before);
  await userEvent.click(screen.getByRole('button', { name: 'Next page' }));
  expect(onTurn).toHaveBeenCalledExactlyOnceWith(1, 'YQ');
});

it('is disabled while another page is loading, and keeps the focus', async () => {
  const { onTurn } = show({ next: 'YQ' }, true);
  const next = screen.getByRole('button', { name: 'Next page' });
  await userEvent.click(next);
  expect(onTurn).not.toHaveBeenCalled();
  expect(next).toHaveFocus();
});

it('shows the range of users and the time zone', () => {
  show({});
  expect(screen.getByRole('status')).toHaveTextContent('1–2 of 2');
  expect(screen.getByText(/^Times in .+ \(UTC/)).toBeVisible();
});

it('changes the page size', async () => {
  const { onLimit } = show({});
  await userEvent.selectOptions(screen.getByRole('combobox', { name: 'Users per page' }), '50 per page');
  expect(onLimit).toHaveBeenCalledExactlyOnceWith(50);
});
