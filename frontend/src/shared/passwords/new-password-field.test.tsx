import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useState } from 'react';
import { expect, it } from 'vitest';
import { renderUi } from '@/shared/testing/render';
import { NewPasswordField } from './new-password-field';

function Form({ error }: { error?: string }) {
  const [value, setValue] = useState('');
  const about = ['amelia.hart@example.com', 'Amelia Hart', 'Meridian Press'];
  return <NewPasswordField label="New password" about={about} error={error} value={value} onChange={setValue} />;
}

function open(error?: string) {
  renderUi(<Form {...(error && { error })} />);
  const input = screen.getByLabelText('New password');
  const meter = screen.getByRole('meter', { name: 'New password strength' });
  return { input, meter, user: userEvent.setup() };
}

it('says what is asked for before anything is typed', () => {
  const { input, meter } = open();
  expect(input).toHaveAttribute('type', 'password');
  expect(input).toHaveAttribute('autocomplete', 'new-password');
  expect(input).toHaveAccessibleDescription(/^At least 12 characters/);
  expect(meter).toHaveAttribute('aria-valuenow', '0');
});

it.each([
  ['Xq7!rT2#v', 1, 'Too short: 9 of 12 characters'],
  ['amelia.hart@example.com', 1, 'Contains your email address'],
  ['amelia.example.com', 1, 'Easy to guess: mostly your email address, a name or “egress”'],
  ['Passw0rd!Passw0rd!', 1, 'Easy to guess: among the most used passwords, or made of them'],
  ['abcdefghijkl', 1, 'Easy to guess: follows the alphabet, numbers, a keyboard or a date'],
  ['aaaaaaaaaaaa', 1, 'Easy to guess: repeats itself'],
  ['amelia-x8dk29fk', 2, 'Fair: about 2 days at 10,000 guesses per second. A longer one lasts longer'],
  ['Xq7!rT2#vL9p', 3, 'Good: about 3 years at 10,000 guesses per second'],
  ['correct horse battery staple', 4, 'Strong: more than 1,000 years at 10,000 guesses per second'],
])('says of %s what the server would', async (password, level, words) => {
  const { input, meter, user } = open();
  await user.click(input);
  await user.paste(password);
  await waitFor(() => expect(input).toHaveAccessibleDescription(words));
  expect(meter).toHaveAttribute('aria-valuenow', String(level));
});

it('speaks the verdict when the typing pauses', async () => {
  const { input, meter, user } = open();
  await user.type(input, 'short');
  const words = 'Too short: 5 of 12 characters';
  await waitFor(() => expect(screen.getByRole('status')).toHaveTextContent(words));
  expect(meter).toHaveAttribute('aria-valuetext', words);
});

it('shows an error in place of the words', async () => {
  const { input } = open('This is your old password.');
  expect(input).toBeInvalid();
  expect(input).toHaveAccessibleDescription('This is your old password.');
  expect(screen.getByRole('alert')).toHaveTextContent('This is your old password.');
});

it('shows what is typed when asked to', async () => {
  const { input, user } = open();
  await user.click(screen.getByRole('button', { name: 'Show password' }));
  expect(input).toHaveAttribute('type', 'text');
});
