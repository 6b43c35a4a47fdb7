import { useMemo } from 'react';
import type { Field, UserSchema } from '@/api/client';
import { useSchema } from '@/api/user-schema';
import type { Operator } from './filter';

/** The kind of a field's values. It decides which operators apply. */
export type FieldKind = 'text' | 'number' | 'date' | 'bool';

/** A field that rules can name. */
export interface FilterField {
  /** The name in rules: `attributes.country`, `last_login`. */
  name: string;
  /** The label in the console. */
  label: string;
  /** The input type of the user schema. */
  type: Field['input-type'];
  kind: FieldKind;
  /** Suggested values. Other values are allowed. */
  options: readonly { value: string; label: string }[];
}

const attributePrefix = 'attributes.';

// In the order in which the server offers them (internal/filter/field.go).
const details: readonly FilterField[] = [
  detail('identifiers.email_address', 'Email address', 'email'),
  detail('identifiers.username', 'Username', 'text'),
  detail('email_verified', 'Email verified', 'checkbox'),
  detail('registered', 'Registered', 'datetime'),
  detail('last_login', 'Last login', 'datetime'),
  detail('account.name', 'Account name', 'text'),
  detail('account.id', 'Account ID', 'text'),
  detail('user_id', 'User ID', 'text'),
];

function detail(name: string, label: string, type: FilterField['type']): FilterField {
  return { name, label, type, kind: kindOf(type), options: [] };
}

function kindOf(type: FilterField['type']): FieldKind {
  switch (type) {
    case 'number':
    case 'range':
      return 'number';
    case 'date':
    case 'datetime':
    case 'time':
    case 'week':
    case 'month':
      return 'date';
    case 'checkbox':
      return 'bool';
    default:
      return 'text';
  }
}

/** Returns all fields: the attributes in the order of the schema, then the account details. */
export function filterFields(schema: UserSchema | undefined): readonly FilterField[] {
  const attributes = (schema?.fields ?? []).map((field): FilterField => {
    const type = field['input-type'];
    return {
      name: attributePrefix + field.slug,
      label: field.label || field.slug,
      type,
      kind: kindOf(type),
      options: field['select-options'] ?? [],
    };
  });
  return [...attributes, ...details];
}

/** Returns all fields of a tenant; only the account details until the user schema is loaded. */
export function useFilterFields(tenant: string): readonly FilterField[] {
  const schema = useSchema(tenant).data;
  return useMemo(() => filterFields(schema), [schema]);
}

/** Reports whether the field is an attribute of the user schema. */
export function isAttribute({ name }: FilterField): boolean {
  return name.startsWith(attributePrefix);
}

/** Returns the field with that name, if it exists. */
export function fieldOf(name: string, fields: readonly FilterField[]): FilterField | undefined {
  return fields.find((field) => field.name === name);
}

/** Returns the label of a field, or its slug if the tenant does not have it. */
export function labelOf(name: string, fields: readonly FilterField[]): string {
  return fieldOf(name, fields)?.label ?? name.replace(attributePrefix, '');
}

const operators: Record<FieldKind, readonly Operator[]> = {
  text: ['is', 'is_not', 'contains', 'does_not_contain', 'starts_with', 'ends_with', 'has_any_value', 'is_unknown'],
  number: ['is', 'is_not', 'between', 'has_any_value', 'is_unknown'],
  date: ['is', 'is_not', 'between', 'has_any_value', 'is_unknown'],
  bool: ['checked', 'unchecked', 'has_any_value', 'is_unknown'],
};

// Ids are compared as a whole: a rule selects or excludes one user.
const idOperators: readonly Operator[] = ['is', 'is_not'];

/** Returns the operators of a field, the most likely one first. */
export function operatorsOf({ name, kind }: FilterField): readonly Operator[] {
  return name === 'user_id' ? idOperators : operators[kind];
}

const labels: Partial<Record<Operator, string>> = { checked: 'is checked', unchecked: 'is unchecked' };

/** Returns the label of an operator: "does not contain", "is checked". */
export function operatorLabel(operator: Operator): string {
  return labels[operator] ?? operator.replaceAll('_', ' ');
}

/** Reports whether rules with this operator have a value. `between` has bounds instead. */
export function takesValue(operator: Operator): boolean {
  return (
    operator === 'is' || operator === 'is_not' || looksInside(operator) // compared with text
  );
}

/** Reports whether the operator searches for text within values. */
export function looksInside(operator: Operator): boolean {
  return (
    operator === 'contains' || operator === 'does_not_contain' || operator === 'starts_with' || operator === 'ends_with'
  );
}
