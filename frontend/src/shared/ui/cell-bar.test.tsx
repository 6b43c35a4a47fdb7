import { screen } from '@testing-library/react';
import { expect, it } from 'vitest';
import { renderUi } from '@/shared/testing/render';
import { CellBar } from './cell-bar';

it('says how far it is in megabytes and percent', () => {
  renderUi(<CellBar label="Progress" percent={26} bytes={12_400_000} bytesTotal={48_100_000} />);
  const bar = screen.getByRole('progressbar', { name: 'Progress' });
  expect(bar).toHaveAttribute('aria-valuenow', '26');
  expect(bar).toHaveAttribute('aria-valuetext', '12.4 of 48.1 megabytes, 26 percent');
});

it('shows what is known first at once: the cells do not grow out of the wait', () => {
  const { container, rerender } = renderUi(<CellBar label="Progress" percent={null} />);
  const waiting = container.querySelector('[role="progressbar"] > *');
  rerender(<CellBar label="Progress" percent={1} />);
  const filled = container.querySelector('[role="progressbar"] > *');
  expect(filled).not.toBe(waiting); // a new element has nothing to move from
  expect(filled).toHaveAttribute('data-some'); // of which the first cell is full
  rerender(<CellBar label="Progress" percent={2} />);
  expect(container.querySelector('[role="progressbar"] > *')).toBe(filled);
});

it('fills no cell before anything is done', () => {
  const { container } = renderUi(<CellBar label="Progress" percent={0} />);
  expect(container.querySelector('[data-some]')).toBeNull();
});

it('has no value while it waits', () => {
  renderUi(<CellBar label="Progress" percent={null} />);
  const bar = screen.getByRole('progressbar', { name: 'Progress' });
  expect(bar).not.toHaveAttribute('aria-valuenow');
  expect(bar).not.toHaveAttribute('aria-valuetext');
});
