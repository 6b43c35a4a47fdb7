import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it, vi } from 'vitest';
import { renderUi } from '@/shared/testing/render';
import { BarPlot } from './bar-plot';

const names = ['22 Nov', '23 Nov', '24 Nov'];
const exports = { name: 'Exports', values: [4, 0, 2], failed: [1, 0, 2], height: 40 };

it('draws bars in proportion, with what failed on top', () => {
  renderUi(<BarPlot label="Exports of three days" head="Day" names={names} series={[exports]} />);
  const picture = screen.getByRole('img', { name: 'Exports of three days' });
  const heights = [...picture.querySelectorAll('g')].map((g) =>
    [...g.querySelectorAll('rect')].slice(1).map((rect) => Number(rect.getAttribute('height'))),
  );
  expect(heights).toEqual([[30, 10], [1], [0, 20]]);
});

it.each([
  [['22 Nov'], ['22 Nov'], '48px'],
  [['22 Nov', '23 Nov'], ['22 Nov', '23 Nov'], '96px'],
  [names, ['22 Nov', '24 Nov'], '144px'],
])('names the first and the last bar of %j, and does not stretch them', (bars, ends, width) => {
  renderUi(<BarPlot label="Exports" head="Day" names={bars} series={[exports]} />);
  const drawn = screen.getByRole('img').parentElement;
  expect(drawn).toHaveStyle({ maxWidth: width });
  const axis = drawn?.querySelector('[aria-hidden]');
  expect([...(axis?.children ?? [])].map(({ textContent }) => textContent)).toEqual(ends);
});

it('has the same figures in a table', async () => {
  const user = userEvent.setup();
  const rows = { name: 'Rows', values: [1200, 0, 3], text: (n: number) => `${n} rows` };
  renderUi(<BarPlot label="Exports" head="Day" names={names} series={[exports]} column={rows} />);
  await user.click(screen.getByText('Show as a table'));
  const table = screen.getByRole('table', { name: 'Exports' });
  expect(within(table).getByRole('row', { name: '22 Nov 4 1200 rows' })).toBeVisible();
  expect(within(table).getAllByRole('row')).toHaveLength(4);
});

it('is selected from the picture and from the table', async () => {
  const user = userEvent.setup();
  const onSelect = vi.fn();
  renderUi(<BarPlot label="Exports" head="Day" names={names} series={[exports]} selected={1} onSelect={onSelect} />);
  const [first] = screen.getByRole('img').querySelectorAll('g');
  if (first) await user.click(first);
  await user.click(screen.getByText('Show as a table'));
  expect(screen.getByRole('button', { name: '23 Nov' })).toHaveAttribute('aria-pressed', 'true');
  screen.getByRole('button', { name: '24 Nov' }).focus();
  await user.keyboard('{Enter}');
  expect(onSelect.mock.calls).toEqual([[0], [2]]);
});
