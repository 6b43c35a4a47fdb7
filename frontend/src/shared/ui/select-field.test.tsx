import { fireEvent, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useState } from 'react';
import { beforeEach, expect, it, vi } from 'vitest';
import { renderUi } from '@/shared/testing/render';

const data = [
  { value: 'all', label: 'Everyone' },
  { value: 'me', label: 'Only me' },
];
let loaded: (() => void) | undefined;

// Renders the field of a page whose list has not been loaded. `arrive` loads it.
async function renderField(props: { disabled?: boolean; readOnly?: boolean } = {}) {
  const { SelectField } = await import('./select-field');
  function Field() {
    const [value, setValue] = useState('all');
    return (
      <SelectField
        aria-label="Requested by"
        data={data}
        value={value}
        allowDeselect={false}
        onChange={(next) => setValue(next ?? '')}
        {...props}
      />
    );
  }
  renderUi(<Field />);
}

beforeEach(() => {
  vi.resetModules();
  loaded = undefined;
  vi.doMock('./select', async () => {
    await new Promise<void>((resolve) => {
      loaded = resolve;
    });
    const { Select } = await import('@mantine/core');
    return { Select };
  });
});

// The list arrives, once the field has asked for it.
async function arrive() {
  await expect.poll(() => loaded).toBeDefined();
  loaded?.();
}
const field = () => screen.getByRole('combobox', { name: 'Requested by' });
const option = (name: string) => screen.findByRole('option', { name });

it('shows its value before the list is loaded', async () => {
  await renderField();
  expect(field()).toHaveValue('Everyone');
  expect(field()).toHaveAttribute('aria-expanded', 'false');
});

it.each(['a click', '{Enter}', ' ', '{ArrowDown}'])('opens the list by %o, when it is loaded', async (how) => {
  await renderField();
  if (how === 'a click') await userEvent.click(field());
  else {
    await userEvent.tab();
    await userEvent.keyboard(how);
  }
  await arrive();
  await userEvent.click(await option('Only me'));
  expect(field()).toHaveValue('Only me');
  expect(field()).toHaveFocus();
});

it('opens although the list comes between the press and the release of the button', async () => {
  await renderField();
  await userEvent.pointer({ keys: '[MouseLeft>]', target: field() });
  await arrive();
  expect(await option('Only me')).toBeInTheDocument();
});

it('stays closed after a touch that scrolls', async () => {
  await renderField();
  const before = field();
  fireEvent.pointerDown(before);
  fireEvent.pointerCancel(before);
  await arrive();
  await expect.poll(field).not.toBe(before);
  expect(field()).toHaveAttribute('aria-expanded', 'false');
});

it('keeps the focus, and stays closed without a press', async () => {
  await renderField();
  await userEvent.tab();
  const before = field();
  await arrive();
  await expect.poll(field).not.toBe(before);
  expect(field()).toHaveFocus();
  expect(field()).toHaveAttribute('aria-expanded', 'false');
});

it('takes no focus that has gone elsewhere', async () => {
  await renderField();
  const before = field();
  await userEvent.click(before);
  await userEvent.tab();
  await arrive();
  await expect.poll(field).not.toBe(before);
  expect(document.body).toHaveFocus();
  expect(field()).toHaveAttribute('aria-expanded', 'false');
});

it.each([{ disabled: true }, { readOnly: true }])('does not open while it is %o', async (props) => {
  await renderField(props);
  const before = field();
  await userEvent.click(before);
  await arrive();
  await expect.poll(field).not.toBe(before);
  expect(field()).toHaveAttribute('aria-expanded', 'false');
  expect(screen.queryByRole('option')).not.toBeInTheDocument();
});
