import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it, vi } from 'vitest';
import type { UserPage } from '@/shared/api/client';
import { renderUi } from '@/shared/testing/render';
import { PagingFoot } from './paging-foot';
import { userOf } from './testing';

function show(page: Partial<UserPage>, still = false) {
  const onTurn = vi.fn();
  const onLimit = vi.fn();
  const shown: UserPage = { results: [userOf('u1'), userOf('u2')], next: null, previous: null, ...page };
  renderUi(<PagingFoot shown={shown} page={1} limit={25} total={2} still={still} onTurn={onTurn} onLimit={onLimit} />);
  return { onTurn, onLimit };
}

it('turns on where there is a page after, and only there', async () => {
  const { onTurn } = show({ next: 'YQ' });
  const before = screen.getByRole('button', { name: 'Previous page' });
  expect(before).toHaveAttribute('aria-disabled', 'true');
  await userEvent.click(before);
  await userEvent.click(screen.getByRole('button', { name: 'Next page' }));
  expect(onTurn).toHaveBeenCalledExactlyOnceWith(1, 'YQ');
});

it('keeps still while another page is on its way, and the focus stays', async () => {
  const { onTurn } = show({ next: 'YQ' }, true);
  const next = screen.getByRole('button', { name: 'Next page' });
  await userEvent.click(next);
  expect(onTurn).not.toHaveBeenCalled();
  expect(next).toHaveFocus();
});

it('says which users these are, and in which zone the times', () => {
  show({});
  expect(screen.getByRole('status')).toHaveTextContent('1–2 of 2');
  expect(screen.getByText(/^Times in .+ \(UTC/)).toBeVisible();
});

it('lets choose how many a page holds', async () => {
  const { onLimit } = show({});
  await userEvent.selectOptions(screen.getByRole('combobox', { name: 'Users per page' }), '50 per page');
  expect(onLimit).toHaveBeenCalledExactlyOnceWith(50);
});
