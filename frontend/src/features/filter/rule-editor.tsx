import { ActionIcon, Select } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconAlertCircle, IconChevronDown, IconX } from '@tabler/icons-react';
import { conditionOf, type DraftRule } from './draft';
import { type FilterField, fieldOf, isAttribute, labelOf, operatorLabel, operatorsOf } from './fields';
import type { Operator } from './filter';
import classes from './rule-editor.module.css';
import { RuleValue } from './rule-value';
import type { Edits } from './use-draft';
import type { Fault } from './validation';
import { filterWords, sentence } from './words';

interface Props {
  rule: DraftRule;
  /** Its place, for its name. */
  number: string;
  fields: readonly FilterField[];
  fault: Fault | null;
  edits: Edits;
  /** Takes the focus as the drawer opens. */
  opening: boolean;
  onRemove: () => void;
}

const chevron = <IconChevronDown size={15} stroke={1.75} aria-hidden />;
const patience = 600; // ms

/** One rule: field, operator, and inputs after the field's type. What is wrong with it stands under it. */
export function RuleEditor({ rule, number, fields, fault, edits, opening, onRemove }: Props) {
  const field = fieldOf(rule.field, fields);
  // Nothing is wrong yet while it is being typed: a fault is told once it has stood for a moment.
  const message = fault && !fault.incomplete ? fault.message : null;
  const [settled] = useDebouncedValue(message, patience);
  const wrong = message !== null && settled === message ? fault : null;
  // Told once for all inputs under the rule; hidden at its input, where it is only referred to.
  const marks = (at: Fault['at']) => (wrong?.at === at ? { error: wrong.message, errorProps: { hidden: true } } : {});
  // A rule that lacks its field is opened there, any other at its value.
  const focusField = opening && (!field || field.kind === 'bool');
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out in a row everywhere
    <div role="group" aria-label={`Rule ${number}`} className={classes.rule} data-rule={rule.id}>
      <Select
        className={classes.field}
        aria-label="Field"
        placeholder="Choose a field"
        data={fieldOptions(rule, fields)}
        value={rule.field || null}
        onChange={(name) => name && edits.field(rule, name)}
        searchable
        selectFirstOptionOnChange
        openOnFocus={false}
        allowDeselect={false}
        nothingFoundMessage="No such field"
        rightSection={chevron}
        maxDropdownHeight={320}
        data-autofocus={focusField || undefined}
        {...marks('field')}
      />
      {field && (
        <Select
          className={classes.operator}
          aria-label="Operator"
          data={operatorOptions(rule, field)}
          value={rule.operator}
          onChange={(operator) => operator && edits.operator(rule, operator)}
          allowDeselect={false}
          rightSection={chevron}
          maxDropdownHeight={320}
          {...marks('operator')}
        />
      )}
      {field && (
        <div className={classes.value}>
          <RuleValue
            rule={rule}
            field={field}
            marks={marks}
            opening={opening}
            onEntry={(entry) => edits.entry(rule, entry)}
          />
        </div>
      )}
      <ActionIcon
        className={classes.remove}
        data-remove={rule.id}
        aria-label={
          field && !fault
            ? `Remove: ${sentence(filterWords(conditionOf(rule, fields), fields))}`
            : `Remove rule ${number}`
        }
        onClick={onRemove}
      >
        <IconX size={16} stroke={1.75} aria-hidden />
      </ActionIcon>
      <p className={classes.fault} role="status">
        {wrong && (
          <>
            <IconAlertCircle size={16} stroke={1.75} aria-hidden />
            {wrong.message}
          </>
        )}
      </p>
    </div>
  );
}

function fieldOptions(rule: DraftRule, fields: readonly FilterField[]) {
  const option = ({ name, label }: FilterField) => ({ value: name, label });
  const known = [
    { group: 'Attributes', items: fields.filter(isAttribute).map(option) },
    { group: 'Account details', items: fields.filter((field) => !isAttribute(field)).map(option) },
  ].filter(({ items }) => items.length > 0);
  if (!rule.field || fieldOf(rule.field, fields)) return known;
  // A field that the tenant does not have is shown as it came, and told to be wrong.
  return [...known, { group: 'Unknown', items: [{ value: rule.field, label: labelOf(rule.field, fields) }] }];
}

function operatorOptions(rule: DraftRule, field: FilterField): { value: Operator; label: string }[] {
  const known = operatorsOf(field.kind);
  const all = known.includes(rule.operator) ? known : [...known, rule.operator];
  return all.map((operator) => ({ value: operator, label: operatorLabel(operator) }));
}
