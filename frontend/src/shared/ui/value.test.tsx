import { render, screen } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';
import { clipped, day, exactUtc, moment, momentUtc } from './format';
import { fromNow, RelativeTime } from './relative-time';
import { Time } from './time';
import { rawText, Value } from './value';

const dates = [
  '+010000-01-01T00:00:00.000Z',
  '10000-01-01T00:00:00.000Z',
  '-000001-01-01T00:00:00.000Z',
  '+292278994-08-17T07:12:55.807Z',
  '0001-01-01T00:00:00.000Z',
  'soon',
  '',
];

describe('times', () => {
  it.each(dates)('%s has a text in every form', (value) => {
    for (const form of [day, moment, momentUtc, exactUtc, fromNow]) expect(typeof form(value)).toBe('string');
    const as = ['day', 'clock', 'moment', 'utc'] as const;
    render(as.map((one) => <Time key={one} value={value} as={one} />));
    render(<RelativeTime value={value} />);
  });

  it('stay as they came where a calendar would write them wrongly', () => {
    expect(day('-000001-01-01T00:00:00.000Z')).toBe('-000001-01-01T00:00:00.000Z');
    expect(moment('10000-01-01T00:00:00.000Z')).toBe('10000-01-01T00:00:00.000Z');
    expect(day('+010000-06-01T00:00:00.000Z', 'UTC')).toBe('1 Jun 10000');
  });
});

describe('Value', () => {
  const Broken = () => {
    throw new RangeError('Invalid time value');
  };

  it('shows the raw text where its form throws, and nothing else changes', () => {
    const complaint = vi.spyOn(console, 'error').mockImplementation(() => {});
    const { rerender } = render(
      <p>
        before <Value of="+1e9">{() => <Broken />}</Value> after
      </p>,
    );
    expect(screen.getByText(/before/)).toHaveTextContent('before +1e9 after');
    rerender(
      <p>
        before <Value of="now good">{() => 'good'}</Value> after
      </p>,
    );
    expect(screen.getByText(/before/)).toHaveTextContent('before good after');
    complaint.mockRestore();
  });

  it('has a text for anything', () => {
    const loop: Record<string, unknown> = {};
    loop.self = loop;
    const values: [unknown, string][] = [
      [undefined, 'unknown'],
      ['', 'unknown'],
      [{ a: 1 }, '{"a":1}'],
      [1n, 'cannot be shown'],
      [loop, 'cannot be shown'],
      [Number.NaN, 'null'],
    ];
    for (const [value, text] of values) expect(rawText(value)).toBe(text);
  });

  it('cuts long texts between characters', () => {
    expect(clipped('abc', 3)).toBe('abc');
    expect(clipped('ab😀c', 3)).toBe('ab…');
  });
});
