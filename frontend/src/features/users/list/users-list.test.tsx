import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it, vi } from 'vitest';
import { renderUi } from '@/shared/testing/render';
import { schemaOf } from '../testing';
import { readView } from '../view/view';
import { UsersList } from './users-list';

const server = await vi.hoisted(async () => (await import('@/shared/testing/server')).fakeServer());
const { useUsers } = await import('@/api/users');

type Props = Omit<Parameters<typeof UsersList>[0], 'list'>;

function Loaded(props: Props) {
  const { store, search, sort, cursor, limit } = props.view;
  const list = useUsers(props.tenant, { store, filter: props.filter, search, sort, cursor, limit });
  return <UsersList list={list} {...props} />;
}

it('offers to clear a search that the server refused, instead of a retry', async () => {
  const body = { code: 'invalid_request', detail: 'The search text must have at most 10 words.', field: 'search' };
  server.answers(() => ({ status: 400, body }));
  const ask = vi.fn();
  renderUi(
    <Loaded
      tenant="meridian"
      view={readView({ search: 'a b c d e f g h i j k' })}
      filter={null}
      filtered={new Set()}
      fields={[]}
      schema={schemaOf()}
      stores={[]}
      total={undefined}
      exportable
      ask={ask}
      turn={vi.fn()}
      open={vi.fn()}
      setFilter={vi.fn()}
      setSort={vi.fn()}
    />,
  );
  expect(await screen.findByRole('alert')).toHaveTextContent('The search text must have at most 10 words.');
  expect(screen.queryByRole('button', { name: 'Retry' })).not.toBeInTheDocument();
  await userEvent.click(screen.getByRole('button', { name: 'Clear search' }));
  expect(ask).toHaveBeenCalledExactlyOnceWith({ search: '' });
});
