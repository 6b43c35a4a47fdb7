import { useMemo } from 'react';
import type { Field, UserSchema } from '@/api/client';
import { useSchema } from '@/api/user-schema';
import type { Operator } from './filter';
import { isRelativeOperator, type RuleOperator } from './relative';

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
const grantPrefix = 'grant.';

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

/** Returns the fields of subscriptions, in the order of the server (internal/filter/field.go). */
function grantFields(schema: UserSchema | undefined): FilterField[] {
  const words = (values: readonly string[]) => values.map((value) => ({ value, label: value }));
  const labels = new Set((schema?.products ?? []).map(({ label }) => label).filter((label) => label !== ''));
  return [
    { ...detail('grant.product', 'Product', 'text'), options: words([...labels]) },
    { ...detail('grant.expiry_state', 'State', 'select'), options: words(['active', 'expired', 'pending']) },
    {
      ...detail('grant.entitlement_type', 'Entitlement type', 'select'),
      options: words(['bundle', 'entitlement', 'meter', 'credits']),
    },
    detail('grant.start', 'Start', 'datetime'),
    detail('grant.end', 'End', 'datetime'),
    detail('grant.created', 'Created', 'datetime'),
    detail('grant.account', 'Account name', 'text'),
    detail('grant.account_id', 'Account ID', 'text'),
    detail('grant.product_id', 'Product ID', 'text'),
    detail('grant.entitlement_id', 'Entitlement ID', 'text'),
  ];
}

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

/** Returns all fields: the attributes in the order of the schema, the account details, the subscriptions. */
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
  return [...attributes, ...details, ...grantFields(schema)];
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

/** Reports whether a name is that of a field of subscriptions. */
export function isGrantField(name: string): boolean {
  return name.startsWith(grantPrefix);
}

/** Returns the fields that rules in a group on subscriptions can name, or those of rules elsewhere. */
export function fieldsIn(fields: readonly FilterField[], grants: boolean): readonly FilterField[] {
  return fields.filter(({ name }) => isGrantField(name) === grants);
}

/** Returns the field with that name, if it exists. */
export function fieldOf(name: string, fields: readonly FilterField[]): FilterField | undefined {
  return fields.find((field) => field.name === name);
}

/** Returns the label of a field, or its slug if the tenant does not have it. */
export function labelOf(name: string, fields: readonly FilterField[]): string {
  return fieldOf(name, fields)?.label ?? name.replace(attributePrefix, '').replace(grantPrefix, '');
}

const equality: readonly Operator[] = ['is', 'is_not', 'is_one_of', 'is_none_of'];
const presence: readonly Operator[] = ['has_any_value', 'is_unknown'];

const operators: Record<FieldKind, readonly RuleOperator[]> = {
  text: [...equality, 'contains', 'does_not_contain', 'starts_with', 'ends_with', ...presence],
  number: [...equality, 'between', ...presence],
  date: [
    'is',
    'is_not',
    'before',
    'after',
    'between',
    'in_last',
    'in_next',
    'more_than_ago',
    'is_one_of',
    'is_none_of',
    ...presence,
  ],
  bool: ['checked', 'unchecked', ...presence],
};

// Ids and words of subscriptions are compared as a whole.
const exact: ReadonlySet<string> = new Set([
  'grant.expiry_state',
  'grant.entitlement_type',
  'grant.account_id',
  'grant.product_id',
  'grant.entitlement_id',
]);

/** Returns the operators of a field, the most likely one first. */
export function operatorsOf({ name, kind, type }: FilterField): readonly RuleOperator[] {
  if (name === 'user_id') return equality;
  if (exact.has(name)) return [...equality, ...presence];
  // A time of day is not relative to now.
  return type === 'time' ? operators.date.filter((operator) => !isRelativeOperator(operator)) : operators[kind];
}

const labels: Partial<Record<RuleOperator, string>> = {
  checked: 'is checked',
  unchecked: 'is unchecked',
  before: 'is before',
  after: 'is after',
  in_last: 'is in the last',
  in_next: 'is in the next',
  more_than_ago: 'is more than … ago',
};

/** Returns the label of an operator: "does not contain", "is checked". */
export function operatorLabel(operator: RuleOperator): string {
  return labels[operator] ?? operator.replaceAll('_', ' ');
}

/** Reports whether rules with this operator have a value. `between` has bounds instead. */
export function takesValue(operator: RuleOperator): boolean {
  return (
    operator === 'is' ||
    operator === 'is_not' ||
    operator === 'before' ||
    operator === 'after' ||
    isRelativeOperator(operator) ||
    looksInside(operator)
  );
}

/** Reports whether rules with this operator have a list of values. */
export function takesList(operator: RuleOperator): boolean {
  return operator === 'is_one_of' || operator === 'is_none_of';
}

/** Reports whether the operator searches for text within values. */
export function looksInside(operator: RuleOperator): boolean {
  return (
    operator === 'contains' || operator === 'does_not_contain' || operator === 'starts_with' || operator === 'ends_with'
  );
}
