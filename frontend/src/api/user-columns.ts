import { useMutation, useQueryClient } from '@tanstack/react-query';
import { answered, api, inTenant, type Preferences, type UserSchema } from './client';
import { keys } from './keys';

/**
 * Changes the remembered columns of the users list, which are part of the schema's answer; null for the default. The
 * cache changes before the server answers. `onRefused` is called if it refuses the change.
 */
export function useChangeColumns(tenant: string, onRefused: () => void) {
  const client = useQueryClient();
  const schema = keys.schema(tenant);
  const { mutate, isError } = useMutation({
    scope: { id: `columns of ${tenant}` }, // one after another, so that the last change wins
    mutationFn: (userColumns: string[] | null) =>
      answered(api.PATCH('/v4/preferences', { params: { header: inTenant(tenant) }, body: { userColumns } })),
    onSuccess: (now) => client.setQueryData<Preferences>(keys.preferences(tenant), now),
    onError: () => {
      onRefused();
      void client.invalidateQueries({ queryKey: schema });
    },
  });
  const change = (userColumns: string[] | null) => {
    void client.cancelQueries({ queryKey: schema }, { revert: false }); // an older answer would undo the change
    client.setQueryData<UserSchema>(schema, (now) => now && { ...now, userColumns });
    mutate(userColumns);
  };
  return { change, isError };
}
