import { screen } from '@testing-library/react';
import { expect, it } from 'vitest';
import { renderUi } from '@/shared/testing/render';
import { statusNames } from './status';
import { StatusMark } from './status-mark';

it.each([
  ['queued', 'idle'],
  ['preparing', 'live'],
  ['downloading', 'live'],
  ['downloading_state_events', 'live'],
  ['completed', 'done'],
  ['completed_with_errors', 'warn'],
  ['failed', 'fail'],
  ['cancelled', 'past'],
  ['expired', 'past'],
] as const)('%s has its word, and the look of what is %s', (status, tone) => {
  const { container } = renderUi(<StatusMark status={status} />);
  expect(screen.getByText(statusNames[status])).toBeVisible();
  expect(container.querySelector('[data-status]')).toHaveAttribute('data-tone', tone);
});

it.each(['Waiting', 'Retrying'] as const)('a job that is %s has a look of its own', (waiting) => {
  const { container } = renderUi(<StatusMark status="downloading" waiting={waiting} />);
  expect(screen.getByText(waiting)).toBeVisible();
  expect(screen.queryByText(statusNames.downloading)).not.toBeInTheDocument();
  expect(container.querySelector('[data-status]')).toHaveAttribute('data-tone', 'warn');
});
