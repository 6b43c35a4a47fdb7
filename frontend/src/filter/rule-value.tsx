import { TextInput } from '@mantine/core';
import type { ReactNode } from 'react';
import { DateInput } from '@/shared/ui/dates/date-input';
import { spanOf } from '@/shared/ui/dates/spans';
import type { ValueProps } from '@/shared/ui/value-props';
import type { DraftRule, Entry } from './draft';
import { type FilterField, takesList, takesValue } from './fields';
import { ListInput } from './list-input';
import { isRelativeOperator } from './relative';
import { RelativeInput } from './relative-input';
import classes from './rule-editor.module.css';
import { SuggestInput } from './suggest-input';
import type { Fault } from './validation';

interface Props {
  rule: DraftRule;
  field: FilterField;
  /** Returns the error props of an input. */
  marks: (at: Fault['at']) => Pick<ValueProps, 'error' | 'errorProps'>;
  opening: boolean;
  onEntry: (entry: Partial<Entry>) => void;
}

/** The inputs of a rule: none, a value, or two bounds, one of which may be empty. */
export function RuleValue({ rule, field, marks, opening, onEntry }: Props): ReactNode {
  const { from, to } = rule.value;
  const first = takesValue(rule.operator) ? 'value' : from === '' && to !== '' ? 'to' : 'from';
  const input = (at: 'value' | 'from' | 'to', label: string, placeholder?: string) => (
    <Input
      // Another field gets another input, without the unfinished text.
      key={`${field.name} ${at}`}
      field={field}
      suggest={!rule.operator.startsWith('is') ? [] : field.options}
      aria-label={label}
      placeholder={placeholder}
      value={rule.value[at]}
      onChange={(text) => onEntry({ [at]: text })}
      data-autofocus={(opening && at === first) || undefined}
      {...marks(at)}
    />
  );
  if (isRelativeOperator(rule.operator)) {
    return (
      <RelativeInput
        aria-label="Number"
        value={rule.value.value}
        onChange={(value) => onEntry({ value })}
        data-autofocus={opening || undefined}
        {...marks('value')}
      />
    );
  }
  if (takesList(rule.operator)) {
    return (
      <ListInput
        key={field.name}
        aria-label="Values"
        field={field}
        values={rule.value.values}
        onChange={(values) => onEntry({ values })}
        data-autofocus={opening || undefined}
        {...marks('value')}
      />
    );
  }
  if (takesValue(rule.operator)) return input('value', 'Value');
  if (rule.operator !== 'between') return null;
  const open = field.kind === 'date' ? 'any time' : 'any';
  return (
    <div className={classes.bounds}>
      {input('from', 'From', open)}
      <span className={classes.and}>and</span>
      {input('to', 'To', open)}
    </div>
  );
}

type InputProps = ValueProps & { field: FilterField; suggest: FilterField['options'] };

function Input({ field, suggest, onChange, ...props }: InputProps) {
  const typed = {
    ...props,
    onChange: (event: { currentTarget: HTMLInputElement }) => onChange(event.currentTarget.value),
  };
  switch (field.type) {
    case 'date':
    case 'datetime':
      return <DateInput {...props} type={field.type} onChange={onChange} />;
    case 'time':
    case 'week':
    case 'month':
      // The browser's input cannot show other formats, such as an instant from an address.
      return <TextInput {...typed} type={isOwnForm(field, props.value) ? field.type : 'text'} step={1} />;
    case 'number':
    case 'range':
      return <TextInput {...typed} inputMode="decimal" autoComplete="off" />;
    default:
      return suggest.length > 0 ? (
        <SuggestInput {...props} options={suggest} onChange={onChange} />
      ) : (
        <TextInput {...typed} autoComplete="off" dir="auto" />
      );
  }
}

function isOwnForm(field: FilterField, value: string): boolean {
  return value === '' || (spanOf(field.type, value) !== null && !value.includes('T') && !/^\d{4}-\d\d-/.test(value));
}
