import { notifications } from '@mantine/notifications';
import { render, screen } from '@testing-library/react';
import { afterEach, expect, it, vi } from 'vitest';
import { lazyPart } from '../lazy-part';
import { lazyDialog } from './lazy-dialog';

afterEach(() => void vi.restoreAllMocks());

const Part = () => <p>the part</p>;

function failsOnce() {
  return vi.fn<() => Promise<typeof Part>>().mockRejectedValueOnce(new TypeError('no network')).mockResolvedValue(Part);
}

it.each([
  ['a part', (load: () => Promise<typeof Part>) => lazyPart(load), []],
  ['a dialog', (load: () => Promise<typeof Part>) => lazyDialog(load, 'The part'), ['The part could not be loaded.']],
] as const)('shows %s when its code can be loaded, and no error before', async (_, make, notices) => {
  const show = vi.spyOn(notifications, 'show');
  const load = failsOnce();
  const Lazy = make(load);
  render(<Lazy />);
  await expect.poll(() => load.mock.calls.length).toBe(1);
  expect(screen.queryByText('the part')).not.toBeInTheDocument();
  await expect.poll(() => show.mock.calls.length).toBe(notices.length);
  for (const [i, notice] of notices.entries()) expect(show.mock.calls[i]?.[0].message).toContain(notice);
  dispatchEvent(new Event('online'));
  expect(await screen.findByText('the part')).toBeInTheDocument();
  expect(show).toHaveBeenCalledTimes(notices.length);
});
