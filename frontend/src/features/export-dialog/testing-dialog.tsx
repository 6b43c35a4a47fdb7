import userEvent from '@testing-library/user-event';
import { vi } from 'vitest';
import type { Definition, Rule } from '@/api/client';
import { keys } from '@/api/keys';
import { featuresOf, jobOf } from '@/shared/testing/jobs';
import { renderUi, testClient } from '@/shared/testing/render';
import type { fakeServer } from '@/shared/testing/server';
import { ExportDialog } from './export-dialog';
import { previewOf } from './testing';

type Reply = { status?: number; body: unknown };

/** A filter on the country. */
export const gb: Rule = { combinator: 'and', rules: [{ field: 'attributes.country', operator: 'is', value: 'GB' }] };

interface Options {
  store?: string | null;
  filter?: Rule | null;
  search?: string;
  preview?: Reply;
  start?: Reply;
  mode?: 'async' | 'sync';
  events?: boolean;
  choices?: Definition | null;
}

/** Opens the dialog, with a server that counts 31,206 users and accepts an export. */
export function openDialog(
  server: ReturnType<typeof fakeServer>,
  {
    store = 'uk',
    filter = null,
    search = '',
    preview = { body: previewOf() },
    start = { status: 202, body: jobOf('01A', {}) },
    mode = 'async',
    events = false,
    choices = null,
  }: Options = {},
) {
  server.answers(({ path }) => {
    if (path === '/v4/user-export-previews') return preview;
    if (path === '/v4/user-export-jobs') return start;
    if (path === '/v4/preferences') return { body: { export: choices, userColumns: null } };
    if (path === '/v4/figures') return { body: { users: 812_044, registeredLast7Days: 1 } };
    return undefined;
  });
  const client = testClient();
  client.setQueryData(keys.stores('meridian'), [{ id: 'uk', title: 'Meridian UK' }]);
  client.setQueryData(keys.schema('meridian'), {
    fields: [{ slug: 'country', label: 'Country', 'input-type': 'text' }],
    foreignSystems: [],
    appIds: ['newsletter.v2', 'quiz1'],
    products: [],
  });
  client.setQueryData(keys.liveJobs('meridian'), []);
  client.setQueryData(keys.preferences('meridian'), { export: choices, userColumns: null });
  client.setQueryData(keys.features('meridian'), { ...featuresOf(mode), 'feature.stateEventsExport.enabled': events });
  const tenants = [{ id: 'meridian', name: 'Meridian Press', role: 'owner' as const, retentionSeconds: 3 * 86_400 }];
  client.setQueryData(keys.me, {
    user_id: 'u',
    email: 'a@example.com',
    name: 'A',
    tenant: null,
    role: null,
    tenants,
    outbox: true,
  });
  const onClose = vi.fn();
  const initial = { store, filter, search };
  return {
    user: userEvent.setup(),
    onClose,
    ...renderUi(<ExportDialog opened onClose={onClose} tenant="meridian" initial={initial} />, { client }),
  };
}
