import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it, vi } from 'vitest';
import { keys } from '@/api/keys';
import { exactUser } from '@/api/user';
import { renderUi, testClient } from '@/shared/testing/render';
import { grantOf, schemaOf, userOf } from '../testing';
import { UserDrawer } from './user-drawer';

const sian = userOf('sian', {
  attributes: { first_name: 'Siân', last_name: 'Llewellyn' },
  foreign_keys: { braintree: '000418822' },
  grants: [grantOf('a', { account_id: 'acc' }), grantOf('b', { expiry_state: 'active' })],
});
// The raw text of the server: JSON.parse would lose the 0 of 33.10 and the last digits of the id.
const text = JSON.stringify({ user: sian, accounts: [{ id: 'acc', name: 'Llewellyn household' }] }).replace(
  '"extended_profiles":{}',
  '"extended_profiles":{"quiz":{"seconds":33.10,"id":12345678901234567890}}',
);

function show({ onAfter = null }: { onAfter?: (() => void) | null } = {}) {
  const client = testClient();
  client.setQueryData(keys.user('meridian', 'sian'), exactUser(text));
  renderUi(
    <UserDrawer
      tenant="meridian"
      userId="sian"
      listed={undefined}
      schema={schemaOf(['first_name'], ['last_name'], ['company'])}
      stores={[{ id: 'uk', title: 'Meridian UK' }]}
      onBefore={null}
      onAfter={onAfter}
      onClose={vi.fn()}
    />,
    { client },
  );
  return within(screen.getByRole('dialog', { name: 'sian@example.com' }));
}

it('shows all stored data', () => {
  const drawer = show();
  expect(drawer.getByText('Siân Llewellyn')).toHaveAttribute('dir', 'auto');
  expect(drawer.getByText('Email verified')).toBeVisible();
  expect(drawer.getByText('Account: Llewellyn household')).toBeVisible();
  expect(drawer.getByText('No account')).toBeVisible();
  expect(drawer.getByText('3 fields, 1 unknown')).toBeVisible();
  expect(drawer.getByText('000418822')).toBeVisible();
});

it('shows a profile as stored, to the last digit', () => {
  const profile = show().getByRole('region', { name: 'Profile of quiz' });
  expect(profile).toHaveTextContent('{"seconds":33.10,"id":12345678901234567890}');
});

it('steps through the list, and not past its end', async () => {
  const onAfter = vi.fn();
  const drawer = show({ onAfter });
  expect(drawer.getByRole('button', { name: 'Previous user' })).toHaveAttribute('aria-disabled', 'true');
  await userEvent.click(drawer.getByRole('button', { name: 'Next user' }));
  expect(onAfter).toHaveBeenCalledOnce();
});
