import { fireEvent, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it, vi } from 'vitest';
import { renderUi } from '@/shared/testing/render';
import { SearchField } from './search-field';

const field = () => screen.getByRole('searchbox', { name: 'Search email, name or ID' });

it('gets the focus by / from anywhere except a field', async () => {
  renderUi(
    <>
      <input aria-label="another" />
      <SearchField value="" onSearch={vi.fn()} />
    </>,
  );
  await userEvent.type(screen.getByRole('textbox', { name: 'another' }), '/');
  expect(field()).not.toHaveFocus();
  fireEvent.keyDown(document.body, { key: '/' });
  expect(field()).toHaveFocus();
  expect(field()).toHaveValue('');
});

it('searches at once by Enter, and clears by Escape without a history entry', async () => {
  const onSearch = vi.fn();
  renderUi(<SearchField value="" onSearch={onSearch} />);
  await userEvent.type(field(), ' amara {Enter}');
  expect(onSearch).toHaveBeenCalledExactlyOnceWith('amara', false);
  await userEvent.keyboard('{Escape}');
  expect(onSearch).toHaveBeenLastCalledWith('', true);
  expect(field()).toHaveValue('');
});

it('follows the address', () => {
  const { rerender } = renderUi(<SearchField value="amara" onSearch={vi.fn()} />);
  rerender(<SearchField value="" onSearch={vi.fn()} />);
  expect(field()).toHaveValue('');
});
