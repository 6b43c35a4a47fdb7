import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it } from 'vitest';
import { renderUi } from '@/shared/testing/render';
import { Hint } from './hint';

function show() {
  renderUi(
    <Hint label="An export is running">
      <button type="button">Export</button>
    </Hint>,
  );
  return { button: screen.getByRole('button', { name: 'Export' }), user: userEvent.setup() };
}

const text = () => screen.queryByRole('tooltip');

it('is shown and read while the pointer rests on its target', async () => {
  const { button, user } = show();
  await user.hover(button);
  expect(text()).not.toBeInTheDocument(); // only after a moment
  expect(await screen.findByRole('tooltip')).toHaveTextContent('An export is running');
  expect(button).toHaveAccessibleDescription('An export is running');
  await user.unhover(button);
  await waitFor(() => expect(text()).not.toBeInTheDocument());
  expect(button).not.toHaveAttribute('aria-describedby');
});

it('is shown at once to keyboard users, until Escape or until the focus leaves', async () => {
  const { button, user } = show();
  await user.tab();
  expect(await screen.findByRole('tooltip')).toBeInTheDocument();
  await user.keyboard('{Escape}');
  await waitFor(() => expect(text()).not.toBeInTheDocument());
  expect(button).toHaveFocus();
  await user.tab();
  await user.tab({ shift: true });
  expect(await screen.findByRole('tooltip')).toBeInTheDocument();
  await user.tab();
  await waitFor(() => expect(text()).not.toBeInTheDocument());
});
