import type { UserSchema } from '@/api/client';
import { filterFields } from './fields';

/** A user schema for tests: one field of each kind. */
export const schema: UserSchema = {
  fields: [
    {
      slug: 'country',
      label: 'Country',
      'input-type': 'select',
      'select-options': [
        { value: 'GB', label: 'United Kingdom' },
        { value: 'SE', label: 'Sweden' },
      ],
    },
    { slug: 'plan', label: 'Plan', 'input-type': 'text' },
    { slug: 'age', label: 'Age', 'input-type': 'number' },
    { slug: 'newsletter', label: 'Newsletter', 'input-type': 'checkbox' },
    { slug: 'born', label: 'Born', 'input-type': 'date' },
    { slug: 'wake', label: 'Wake-up', 'input-type': 'time' },
    { slug: 'term', label: 'Term', 'input-type': 'month' },
    { slug: 'week', label: 'VAT week', 'input-type': 'week' },
  ],
  foreignSystems: [],
  appIds: [],
  products: [],
  userColumns: null,
};

/** The filter fields of that schema. */
export const fields = filterFields(schema);
