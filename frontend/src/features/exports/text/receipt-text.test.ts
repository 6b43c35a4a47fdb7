import { expect, it } from 'vitest';
import { shortHash, verifyCommand } from './receipt-text';

it('makes a command that a shell takes as it is', () => {
  expect(verifyCommand('users_a.csv', 'ab12')).toBe("echo 'ab12  users_a.csv' | sha256sum --check");
  expect(verifyCommand("o'hara.csv", 'ab')).toBe("echo 'ab  o'\\''hara.csv' | sha256sum --check");
  expect(shortHash('9f2c1be07a54d3861fe0b6c85d7742a91c03ee58b7d6f4409ab81d25c6730fe4')).toBe('9f2c1be0…6730fe4');
});
