import { useMemo } from 'react';
import type { Field, UserSchema } from '@/shared/api/client';
import { useSchema } from '@/shared/api/user-schema';
import type { Operator } from './filter';

/** What kind of value a field has; it decides which operators fit. */
export type FieldKind = 'text' | 'number' | 'date' | 'bool';

/** Something that rules can be about. */
export interface FilterField {
  /** As in a rule: `attributes.country`, `last_login`. */
  name: string;
  /** For people. */
  label: string;
  /** The input type of the user schema. */
  type: Field['input-type'];
  kind: FieldKind;
  /** Values to suggest; others are as good. */
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

/** Everything that rules can be about: the attributes in their order, then the account details. */
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

/** Everything that rules can be about in a tenant; the account details alone until the user schema is known. */
export function useFilterFields(tenant: string): readonly FilterField[] {
  const schema = useSchema(tenant).data;
  return useMemo(() => filterFields(schema), [schema]);
}

/** Reports whether the field is an attribute of the user schema. */
export function isAttribute({ name }: FilterField): boolean {
  return name.startsWith(attributePrefix);
}

/** The field that a rule names, if there is one. */
export function fieldOf(name: string, fields: readonly FilterField[]): FilterField | undefined {
  return fields.find((field) => field.name === name);
}

/** What a field is called: its slug where the tenant has no such field. */
export function labelOf(name: string, fields: readonly FilterField[]): string {
  return fieldOf(name, fields)?.label ?? name.replace(attributePrefix, '');
}

const operators: Record<FieldKind, readonly Operator[]> = {
  text: ['is', 'is_not', 'contains', 'does_not_contain', 'starts_with', 'ends_with', 'has_any_value', 'is_unknown'],
  number: ['is', 'is_not', 'between', 'has_any_value', 'is_unknown'],
  date: ['is', 'is_not', 'between', 'has_any_value', 'is_unknown'],
  bool: ['checked', 'unchecked', 'has_any_value', 'is_unknown'],
};

/** What may be asked of a kind of field, the likeliest question first. */
export function operatorsOf(kind: FieldKind): readonly Operator[] {
  return operators[kind];
}

const labels: Partial<Record<Operator, string>> = { checked: 'is checked', unchecked: 'is unchecked' };

/** An operator as people read it: "does not contain", "is checked". */
export function operatorLabel(operator: Operator): string {
  return labels[operator] ?? operator.replaceAll('_', ' ');
}

/** Reports whether a rule with this operator carries a value. `between` carries bounds instead. */
export function takesValue(operator: Operator): boolean {
  return (
    operator === 'is' || operator === 'is_not' || looksInside(operator) // what is compared with text
  );
}

/** Reports whether the operator looks for text inside values, which ignores case. */
export function looksInside(operator: Operator): boolean {
  return (
    operator === 'contains' || operator === 'does_not_contain' || operator === 'starts_with' || operator === 'ends_with'
  );
}
