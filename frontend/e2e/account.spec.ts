import { createHmac } from 'node:crypto';
import type { Page } from '@playwright/test';
import { expect, logIn, submitCredentials, test } from './egress';
import { expectAccessible, expectAccessibleInBothThemes, expectNoHorizontalScroll } from './steps';

/** Returns the code of an authenticator app at a time, by RFC 6238: HMAC-SHA-1, 30 seconds, six digits. */
function totp(secret: string, at = Date.now()): string {
  const bits = [...secret.replace(/[\s=]/g, '')]
    .map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'))
    .join('');
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(at / 30_000)));
  const hash = createHmac('sha1', key).update(counter).digest();
  const number = hash.readUInt32BE((hash.at(-1) ?? 0) & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, '0');
}

async function openAccount(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^Account: / }).click();
  await page.getByRole('menuitem', { name: 'Account and security' }).click();
  await expect(page.getByRole('heading', { name: 'Account', level: 1 })).toBeVisible();
}

/** Sets up an authenticator app and returns its secret and the recovery codes. */
async function setUpTotp(page: Page): Promise<{ secret: string; codes: string[] }> {
  await page.getByRole('button', { name: 'Set up an authenticator app' }).click();
  const dialog = page.getByRole('dialog', { name: 'Authenticator app' });
  await expect(dialog.getByRole('img', { name: /QR code/ })).toBeVisible();
  const secret = (await dialog.locator('code').innerText()).replaceAll(' ', '');
  await dialog.getByLabel('2. Code that the app shows').fill(totp(secret));
  const codes = dialog.getByRole('list', { name: 'Recovery codes' }).getByRole('listitem');
  await expect(codes).toHaveCount(10);
  return { secret, codes: await codes.allInnerTexts() };
}

async function logOut(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^Account: / }).click();
  await page.getByRole('menuitem', { name: 'Log out' }).click();
  await expect(page.getByRole('heading', { name: 'Log in', exact: true })).toBeVisible();
}

test('a password change ends the other sessions', async ({ page, egress, browser }) => {
  await logIn(page, egress);
  const others = await Promise.all(
    [1, 2].map(async () => {
      const other = await (await browser.newContext({ baseURL: egress.url })).newPage();
      await logIn(other, egress);
      return other;
    }),
  );
  await openAccount(page);
  const sessions = page.getByRole('region', { name: 'Your sessions' });
  await expect(sessions.getByRole('listitem')).toHaveCount(3);
  await expect(sessions.getByRole('listitem').filter({ hasText: 'This session' })).toContainText('Chrome on');
  await sessions
    .getByRole('button', { name: /^End: / })
    .first()
    .click();
  await expect(sessions.getByRole('listitem')).toHaveCount(2);

  const password = 'violet kettle monsoon';
  await page.getByLabel('Current password').fill('not this one');
  await page.getByLabel('New password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Change password' }).click();
  await expect(page.getByLabel('Current password')).toHaveAttribute('aria-invalid', 'true');
  await page.getByLabel('Current password').fill(egress.password);
  await page.getByRole('button', { name: 'Change password' }).click();
  await expect(page.getByText('Password changed. Your other sessions have ended.')).toBeVisible();
  await expect(sessions.getByRole('listitem')).toHaveCount(1);
  // Each of the others asks for the password on the same page, and accepts the new one.
  for (const other of others) {
    const dialog = other.getByRole('dialog', { name: 'Log in to continue' });
    await dialog.getByLabel('Password', { exact: true }).fill(password);
    await dialog.getByRole('button', { name: 'Log in' }).click();
    await expect(dialog).toBeHidden();
    await other.context().close();
  }
  // The current session continues, with its new cookie.
  await page.reload();
  await expect(page.getByRole('heading', { name: 'Account', level: 1 })).toBeVisible();
  await expect(page.getByRole('dialog')).toBeHidden();
  await page.getByRole('button', { name: 'Log out everywhere' }).click();
  await page.getByRole('group').getByRole('button', { name: 'Log out everywhere' }).click();
  await expect(page.getByRole('heading', { name: 'Log in', exact: true })).toBeVisible();
});

test('an authenticator app and a recovery code log in, and a tenant can require two factors', async ({
  page,
  egress,
  browser,
}) => {
  await logIn(page, egress);
  await page.goto('/t/meridian/settings');
  const required = page.getByRole('switch', { name: 'Require two-factor authentication' });
  await expect(required).toBeDisabled();
  await page.getByRole('link', { name: 'Set one up' }).click();
  const { secret, codes } = await setUpTotp(page);
  await page.getByRole('button', { name: 'I have saved them' }).click();
  await expect(page.getByText('10 left')).toBeVisible();

  await logOut(page);
  await submitCredentials(page, egress);
  // A code is valid once, and the server also accepts the code of the next 30 seconds.
  await page.getByLabel('Code from your authenticator app').fill(totp(secret, Date.now() + 30_000));
  await expect(page.getByRole('heading', { name: 'Users', level: 1 })).toBeVisible();
  await logOut(page);
  await submitCredentials(page, egress);
  await page.getByRole('button', { name: 'Use a recovery code instead' }).click();
  await page.getByLabel('Recovery code').fill(codes[0] ?? '');
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(page.getByRole('heading', { name: 'Users', level: 1 })).toBeVisible();

  const member = await (await browser.newContext({ baseURL: egress.url })).newPage();
  await logIn(member, egress.second);
  await page.goto('/t/meridian/settings');
  await required.press('Space');
  await expect(required).toBeChecked();
  await expect(required).not.toHaveAttribute('aria-busy');
  // The member's open page shows the requirement without a reload, and opens again once they have a second factor.
  const requirement = member.getByRole('heading', { name: 'Meridian Press requires two-factor authentication' });
  await expect(requirement).toBeVisible();
  await expectAccessible(member, 'a tenant that requires a second factor');
  await member.getByRole('link', { name: 'Set it up in your account' }).click();
  await setUpTotp(member);
  await member.getByRole('button', { name: 'I have saved them' }).click();
  await member.getByRole('button', { name: 'Tenant: Meridian Press' }).click();
  await member.getByRole('option', { name: /Meridian Press/ }).click();
  await expect(member.getByRole('heading', { name: 'Users', level: 1 })).toBeVisible();
  await member.context().close();
});

test('a passkey logs in', async ({ page, egress }) => {
  const devices = await page.context().newCDPSession(page);
  await devices.send('WebAuthn.enable');
  await devices.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  await logIn(page, egress.second);
  await openAccount(page);
  await page.getByRole('button', { name: 'Add a passkey' }).click();
  const dialog = page.getByRole('dialog', { name: 'New passkey' });
  await dialog.getByLabel('Name').fill('Work laptop');
  await dialog.getByRole('button', { name: 'Create passkey' }).click();
  await expect(dialog.getByRole('list', { name: 'Recovery codes' }).getByRole('listitem')).toHaveCount(10);
  await dialog.getByRole('button', { name: 'I have saved them' }).click();
  await expect(page.getByRole('heading', { name: 'Work laptop' })).toBeVisible();
  await logOut(page);
  await submitCredentials(page, egress.second);
  await expect(page.getByRole('button', { name: 'Use your passkey' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Users', level: 1 })).toBeVisible();
});

/** Answers the next request to the path as the server does when the last confirmation of the password is too old. */
async function requireConfirmation(page: Page, path: string): Promise<void> {
  const body = JSON.stringify({ status: 403, code: 'confirmation_required', title: 'Forbidden' });
  await page.route(
    (url) => url.pathname === path,
    (route) => route.fulfill({ status: 403, contentType: 'application/problem+json', body }),
    { times: 1 },
  );
}

test('the account is accessible in both themes and at 320 pixels', async ({ page, egress }) => {
  const check = async (screen: string) => {
    await expectAccessibleInBothThemes(page, screen);
    await expectNoHorizontalScroll(page, screen);
  };
  await page.setViewportSize({ width: 320, height: 640 });
  await logIn(page, egress);
  await page.goto('/account');
  await expect(page.getByRole('region', { name: 'Your sessions' }).getByRole('listitem').first()).toBeVisible();
  await page.getByLabel('New password', { exact: true }).fill('password');
  await check('the account');
  await requireConfirmation(page, '/v4/account/totp');
  await page.getByRole('button', { name: 'Set up an authenticator app' }).click();
  const confirm = page.getByRole('dialog', { name: 'Confirm it’s you' });
  await expect(confirm.getByLabel('Password', { exact: true })).toBeFocused();
  await check('a confirmation');
  await page.keyboard.type(egress.password);
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Authenticator app' });
  await expect(dialog.getByRole('img', { name: /QR code/ })).toBeVisible();
  await expect(confirm).toBeHidden();
  await check('an authenticator app');
  const secret = (await dialog.locator('code').innerText()).replaceAll(' ', '');
  await dialog.getByLabel('2. Code that the app shows').fill(totp(secret));
  await expect(dialog.getByRole('list', { name: 'Recovery codes' })).toBeVisible();
  await check('recovery codes');
  await dialog.getByRole('button', { name: 'I have saved them' }).click();
  await page.getByRole('button', { name: 'Remove the authenticator app' }).click();
  await check('the removal of an authenticator app');
  await page.context().clearCookies();
  await page.goto('/');
  await submitCredentials(page, egress);
  await expect(page.getByLabel('Code from your authenticator app')).toBeVisible();
  await check('the second step');
});
