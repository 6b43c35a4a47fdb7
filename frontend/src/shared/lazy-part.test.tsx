import { render, screen } from '@testing-library/react';
import { expect, it, vi } from 'vitest';
import { lazyPart } from './lazy-part';

interface Props {
  name: string;
}

const Part = ({ name }: Props) => <p>part of {name}</p>;
const Before = ({ name }: Props) => <p>before {name}</p>;
const loaded = async () => Part;

it('shows what stands for a part until its code is loaded, once for all that show it', async () => {
  const load = vi.fn(loaded);
  const Lazy = lazyPart(load, { before: Before });
  render(
    <>
      <Lazy name="a" />
      <Lazy name="b" />
    </>,
  );
  expect(screen.getByText('before a')).toBeInTheDocument();
  expect(await screen.findByText('part of a')).toBeInTheDocument();
  expect(await screen.findByText('part of b')).toBeInTheDocument();
  render(<Lazy name="c" />);
  expect(screen.getByText('part of c')).toBeInTheDocument();
  expect(load).toHaveBeenCalledOnce();
});

it('shows a part at once if its code was loaded before', async () => {
  const Lazy = lazyPart(loaded);
  Lazy.preload();
  await loaded();
  render(<Lazy name="a" />);
  expect(screen.getByText('part of a')).toBeInTheDocument();
});

it('loads a part again, and says nothing, if loading it before has failed', async () => {
  const failed = vi.fn();
  const load = vi.fn(loaded).mockRejectedValueOnce(new TypeError('no network'));
  const Lazy = lazyPart(load, { failed });
  Lazy.preload();
  await Promise.resolve();
  render(<Lazy name="a" />);
  expect(await screen.findByText('part of a')).toBeInTheDocument();
  expect(failed).not.toHaveBeenCalled();
});

it('is used for every part, because a lazy of React replaces the page when it fails, and Suspense adds 300 ms', () => {
  const sources = import.meta.glob<string>(['/src/**/*.{ts,tsx}', '!/src/**/*.test.*'], {
    query: '?raw',
    import: 'default',
    eager: true,
  });
  expect(Object.keys(sources).length).toBeGreaterThan(100);
  const direct = Object.entries(sources).filter(([, text]) => /\blazy\(|\b(lazy|Suspense)\b.*from 'react'/.test(text));
  expect(direct.map(([path]) => path)).toEqual([]);
});
