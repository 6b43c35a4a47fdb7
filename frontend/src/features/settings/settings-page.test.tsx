import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';
import type { Features, Me, Role, Settings } from '@/api/client';
import { useFeatures } from '@/api/features';
import { keys } from '@/api/keys';
import { useRetention } from '@/api/me';
import { renderUi, testClient } from '@/shared/testing/render';
import type { Exchange } from '@/shared/testing/server';
import { SettingsOf } from './settings-page';

const server = await vi.hoisted(async () => (await import('@/shared/testing/server')).fakeServer());
const day = 86_400;
const stores = [
  { id: 'asia', title: 'Meridian Asia' },
  { id: 'uk', title: 'Meridian UK' },
];
const async = 'feature.asyncUserExport.enabled';
const stateEvents = 'feature.stateEventsExport.enabled';

interface Options {
  role?: Role;
  refuses?: boolean;
  /** The test releases the answers to changes one by one. */
  holds?: boolean;
  /** Whether the owner's own session has a second factor. */
  secondFactor?: boolean;
}

// A fake server that stores changes. After a refusal it refuses all further changes.
function setup({ role = 'owner', refuses = false, holds = false, secondFactor = false }: Options = {}) {
  const features: Features = { [async]: true, [stateEvents]: false };
  const settings: Settings = {
    retentionSeconds: 7 * day,
    retentionSecondsDefault: 7 * day,
    legacySignatures: false,
    secondFactorRequired: false,
    zephrSignatures: true,
    defaultUserStore: 'uk',
  };
  let down = false;
  const held: (() => void)[] = [];
  server.answers(async ({ method, path, body }: Exchange) => {
    if (holds && method === 'PUT') await new Promise<void>((go) => held.push(go));
    down ||= method === 'PUT' && refuses;
    if (down) return { status: 503, body: { code: 'unavailable', detail: 'Not now.' } };
    if (method === 'PUT' && path.startsWith('/v4/features/')) {
      const feature = path === `/v4/features/${async}` ? async : stateEvents;
      features[feature] = (body as { enabled: boolean }).enabled;
    }
    if (method === 'PUT' && path === '/v4/settings') Object.assign(settings, body);
    if (path.startsWith('/v4/features')) return { body: features };
    if (path === '/v4/settings') return { body: settings };
    if (path === '/v4/user-stores') return { body: { results: stores } };
    if (path === '/v4/account/sessions') return { body: { results: [{ id: 's1', current: true, secondFactor }] } };
    return undefined;
  });
  const client = testClient();
  const tenants = [
    { id: 'meridian', name: 'Meridian Press', role, retentionSeconds: 7 * day, secondFactorMissing: false },
  ];
  const me = {
    user_id: 'u1',
    email: 'amelia.hart@example.com',
    name: 'Amelia Hart',
    tenant: 'meridian',
    role,
    tenants,
    outbox: false,
  };
  client.setQueryData<Me>(keys.me, me);
  renderUi(
    <>
      <SettingsOf tenant="meridian" />
      <Elsewhere />
    </>,
    { client, at: '/t/meridian/settings' },
  );
  return { user: userEvent.setup(), held, refuse: () => (down = true) };
}

// The same data as the export dialog reads it.
function Elsewhere() {
  const on = useFeatures('meridian').data?.[async];
  const kept = useRetention('meridian');
  return <output>{`${on ? 'async' : 'sync'}, ${kept} s`}</output>;
}

const puts = () => server.asked.filter(({ method }) => method === 'PUT');
const toggle = (name: string) => screen.findByRole('switch', { name });
const time = () => screen.findByRole('combobox', { name: 'Keep files for' });

describe('a switch', () => {
  it('explains on and off', async () => {
    setup();
    const control = await toggle('Asynchronous user exports');
    expect(control).toBeChecked();
    expect(control).toHaveAccessibleDescription(/run in the background .* must stay open/);
    expect(screen.getByText(/Changes apply to the next export or request. Running exports keep/)).toBeVisible();
    expect(await toggle('State events export')).not.toBeChecked();
  });

  it('changes at once, is saved, and reaches the dialog', async () => {
    const { user } = setup();
    const control = await toggle('Asynchronous user exports');
    await user.click(control);
    expect(control).not.toBeChecked();
    expect(screen.getByRole('status')).toHaveTextContent('sync');
    await waitFor(() => expect(puts()).toMatchObject([{ path: `/v4/features/${async}`, body: { enabled: false } }]));
    expect(puts()[0]?.headers.get('Egress-Tenant')).toBe('meridian');
    await waitFor(() => expect(control).not.toHaveAttribute('aria-busy'));
    expect(control).not.toBeChecked();
  });

  it('is reverted if the server refuses, with the reason next to it', async () => {
    const { user } = setup({ refuses: true });
    const control = await toggle('State events export');
    await user.click(control);
    expect(await screen.findByRole('alert')).toHaveTextContent('Not now.');
    expect(control).not.toBeChecked();
    expect(await toggle('Asynchronous user exports')).toBeChecked();
  });

  it('is read-only for other members', async () => {
    const { user } = setup({ role: 'exporter' });
    const control = await toggle('Asynchronous user exports');
    expect(control).toBeDisabled();
    await user.click(control);
    expect(await time()).toBeDisabled();
    expect(screen.getByText('Only owners can change settings.')).toBeVisible();
    expect(puts()).toEqual([]);
  });
});

describe('how long files are kept', () => {
  it('is chosen among presets, and shown on every page', async () => {
    const { user } = setup();
    const control = await time();
    expect(control).toHaveValue('7 days (default)');
    await user.click(control);
    await user.click(await screen.findByRole('option', { name: '30 days' }));
    await waitFor(() => expect(puts()).toMatchObject([{ path: '/v4/settings', body: { retentionSeconds: 30 * day } }]));
    expect(control).toHaveValue('30 days');
    await waitFor(() => expect(screen.getByRole('status')).toHaveTextContent(`${30 * day} s`));
  });

  it('can be any number of days within the limits of the server', async () => {
    const { user } = setup();
    await user.click(await time());
    await user.click(await screen.findByRole('option', { name: 'Another number of days…' }));
    const days = await screen.findByRole('textbox', { name: 'Days' });
    expect(days).toHaveFocus();
    await user.type(days, '91{Enter}');
    expect(days).toHaveAccessibleDescription('Enter a whole number of days from 1 to 90.');
    expect(puts()).toEqual([]);
    await user.clear(days);
    await user.type(days, '45');
    await user.click(screen.getByRole('button', { name: 'Save' }));
    await waitFor(() => expect(puts()).toMatchObject([{ body: { retentionSeconds: 45 * day } }]));
    await waitFor(() => expect(days).not.toBeInTheDocument());
    expect(await time()).toHaveValue('45 days');
  });

  it('is reverted if the server refuses', async () => {
    const { user } = setup({ refuses: true });
    const control = await time();
    await user.click(control);
    await user.click(await screen.findByRole('option', { name: '1 day' }));
    expect(await screen.findByRole('alert')).toHaveTextContent('Not now.');
    expect(control).toHaveValue('7 days (default)');
  });
});

describe('legacy signatures', () => {
  it('are accepted after an owner switches them on, without other changes', async () => {
    const { user } = setup();
    const control = await toggle('Legacy signatures');
    expect(control).not.toBeChecked();
    expect(control).toHaveAccessibleDescription(
      /BLAIZE-HMAC-SHA256 are accepted, also without the query string.* are refused/,
    );
    await user.click(control);
    expect(control).toBeChecked();
    await waitFor(() => expect(puts()).toMatchObject([{ path: '/v4/settings' }]));
    expect(puts()[0]?.body).toEqual({ legacySignatures: true });
    await waitFor(() => expect(control).not.toHaveAttribute('aria-busy'));
    expect(control).toBeChecked();
    expect(await time()).toHaveValue('7 days (default)');
  });

  it('are reverted if the server refuses', async () => {
    const { user } = setup({ refuses: true });
    const control = await toggle('Legacy signatures');
    await user.click(control);
    expect(await screen.findByRole('alert')).toHaveTextContent('Not now.');
    expect(control).not.toBeChecked();
  });

  it('change at once, and revert without undoing later changes', async () => {
    const { user, held, refuse } = setup({ holds: true });
    const control = await toggle('Legacy signatures');
    await user.click(control);
    expect(control).toBeChecked();
    await waitFor(() => expect(held).toHaveLength(1));
    await user.click(await time());
    await user.click(await screen.findByRole('option', { name: '30 days' }));
    expect(await time()).toHaveValue('30 days');
    await waitFor(() => expect(held).toHaveLength(2));
    refuse();
    held[0]?.();
    expect(await screen.findByRole('alert')).toHaveTextContent('Not now.');
    expect(control).not.toBeChecked();
    expect(await time()).toHaveValue('30 days');
  });

  it('are read-only for other members', async () => {
    const { user } = setup({ role: 'exporter' });
    const control = await toggle('Legacy signatures');
    expect(control).toBeDisabled();
    await user.click(control);
    expect(puts()).toEqual([]);
  });
});

describe('the second factor', () => {
  const name = 'Require two-factor authentication';

  it('can be required by an owner with one in the session', async () => {
    const { user } = setup({ secondFactor: true });
    const control = await toggle(name);
    await user.click(control);
    await waitFor(() => expect(puts()).toMatchObject([{ body: { secondFactorRequired: true } }]));
    expect(control).toBeChecked();
  });

  it('cannot be required if it would lock the owner out, which is explained', async () => {
    const { user } = setup();
    const control = await toggle(name);
    await waitFor(() => expect(control).toBeDisabled());
    expect(control).toHaveAccessibleDescription(/Your own session has no second factor/);
    expect(screen.getByRole('link', { name: 'Set one up' })).toHaveAttribute('href', '/account#two-factor');
    await user.click(control);
    expect(puts()).toEqual([]);
  });

  it('is read-only for other members', async () => {
    setup({ role: 'viewer' });
    expect(await toggle(name)).toBeDisabled();
    expect(screen.queryByText(/Your own session/)).not.toBeInTheDocument();
  });
});

describe('Zephr signatures', () => {
  it('are accepted until an owner switches them off, and the weakness is stated', async () => {
    const { user } = setup();
    const control = await toggle('Accept Zephr signatures');
    expect(control).toBeChecked();
    expect(control).toHaveAccessibleDescription(/not a real HMAC.* only HTTP Message Signatures .*are refused/);
    await user.click(control);
    expect(control).not.toBeChecked();
    await waitFor(() => expect(puts()).toMatchObject([{ path: '/v4/settings', body: { zephrSignatures: false } }]));
    expect(puts()[0]?.body).toEqual({ zephrSignatures: false });
    await waitFor(() => expect(control).not.toHaveAttribute('aria-busy'));
    expect(control).not.toBeChecked();
    expect(await toggle('Legacy signatures')).not.toBeChecked();
  });

  it('are reverted if the server refuses', async () => {
    const { user } = setup({ refuses: true });
    const control = await toggle('Accept Zephr signatures');
    await user.click(control);
    expect(await screen.findByRole('alert')).toHaveTextContent('Not now.');
    expect(control).toBeChecked();
  });

  it('are read-only for other members', async () => {
    const { user } = setup({ role: 'viewer' });
    const control = await toggle('Accept Zephr signatures');
    expect(control).toBeDisabled();
    await user.click(control);
    expect(puts()).toEqual([]);
  });
});

it('shows a loading error, and retries', async () => {
  server.answers(() => ({ status: 503, body: { code: 'unavailable', detail: 'Not now.' } }));
  renderUi(<SettingsOf tenant="meridian" />, { at: '/t/meridian/settings' });
  const alert = await screen.findByRole('alert');
  expect(within(alert).getByRole('heading', { name: 'The settings could not be loaded' })).toBeVisible();
  setupAnswers();
  await userEvent.click(within(alert).getByRole('button', { name: 'Retry' }));
  expect(await toggle('State events export')).toBeVisible();
});

function setupAnswers() {
  server.answers(({ path }) => ({
    body:
      path === '/v4/settings'
        ? {
            retentionSeconds: day,
            retentionSecondsDefault: day,
            legacySignatures: true,
            zephrSignatures: true,
            secondFactorRequired: false,
          }
        : { [async]: true, [stateEvents]: false },
  }));
}

describe('the default user store', () => {
  const field = () => screen.findByRole('combobox', { name: 'Default user store' });

  it('is chosen among the stores', async () => {
    const { user } = setup();
    const control = await field();
    await waitFor(() => expect(control).toHaveValue('Meridian UK'));
    await user.click(control);
    await user.click(await screen.findByRole('option', { name: 'Meridian Asia' }));
    await waitFor(() => expect(puts()).toMatchObject([{ path: '/v4/settings', body: { defaultUserStore: 'asia' } }]));
    await waitFor(() => expect(control).toHaveValue('Meridian Asia'));
  });

  it('is reverted if the server refuses', async () => {
    const { user } = setup({ refuses: true });
    const control = await field();
    await waitFor(() => expect(control).toHaveValue('Meridian UK'));
    await user.click(control);
    await user.click(await screen.findByRole('option', { name: 'Meridian Asia' }));
    expect(await screen.findByRole('alert')).toHaveTextContent('Not now.');
    expect(control).toHaveValue('Meridian UK');
  });

  it('is read-only for other members', async () => {
    setup({ role: 'viewer' });
    expect(await field()).toBeDisabled();
  });
});
