import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it, vi } from 'vitest';
import { renderUi } from '@/shared/testing/render';
import { ExportButton } from './export-button';

const button = () => screen.getByRole('button', { name: 'Export users' });

it('opens the dialog if an export can be started', async () => {
  const onPress = vi.fn();
  const onNear = vi.fn();
  renderUi(<ExportButton barrier={null} onNear={onNear} onPress={onPress} />);
  expect(onNear).not.toHaveBeenCalled();
  await userEvent.hover(button());
  expect(onNear).toHaveBeenCalledOnce();
  await userEvent.click(button());
  expect(onPress).toHaveBeenCalledOnce();
});

it('starts nothing during a running export, keeps the focus and shows why', async () => {
  const onPress = vi.fn();
  renderUi(<ExportButton barrier="An export is running" onNear={vi.fn()} onPress={onPress} />);
  await userEvent.tab();
  expect(button()).toHaveFocus();
  expect(button()).toHaveAttribute('aria-disabled', 'true');
  await userEvent.keyboard('{Enter}');
  expect(onPress).not.toHaveBeenCalled();
  expect(await screen.findByRole('tooltip')).toHaveTextContent('An export is running');
});
