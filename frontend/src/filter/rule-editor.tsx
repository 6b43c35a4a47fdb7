import { ActionIcon, Select } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconAlertCircle, IconAlertTriangle, IconChevronDown, IconX } from '@tabler/icons-react';
import { conditionOf, type DraftRule } from './draft';
import { type FilterField, fieldOf, isAttribute, isGrantField, labelOf, operatorLabel, operatorsOf } from './fields';
import type { RuleOperator } from './relative';
import classes from './rule-editor.module.css';
import { RuleValue } from './rule-value';
import type { Edits } from './use-draft';
import { type Fault, optionNote } from './validation';
import { filterWords, sentence } from './words';

interface Props {
  rule: DraftRule;
  /** The position, for its label. */
  number: string;
  fields: readonly FilterField[];
  fault: Fault | null;
  /** The fields to choose from: of users, of subscriptions, or of both. */
  choices: 'users' | 'grants' | 'all';
  /** Shows the fault of an unfinished rule too, and without a pause. */
  insists: boolean;
  edits: Edits;
  /** Gets the focus when the drawer opens. */
  opening: boolean;
  onRemove: () => void;
}

const chevron = <IconChevronDown size={15} stroke={1.75} aria-hidden />;
const faultDelay = 600; // ms without a change before a fault is shown

/** Edits one rule: field, operator, and inputs by the type of the field. Its fault is shown below. */
export function RuleEditor({ rule, number, fields, fault, choices, insists, edits, opening, onRemove }: Props) {
  const field = fieldOf(rule.field, fields);
  // A fault is shown after a pause in typing.
  const message = fault && !fault.incomplete ? fault.message : null;
  const [settled] = useDebouncedValue(message, faultDelay);
  const pressing = insists && rule.field !== '' && fault !== null;
  const wrong = pressing || (message !== null && settled === message) ? fault : null;
  const note = field && !fault ? optionNote(conditionOf(rule, fields), field) : null;
  // The message is shown once, below the rule. At the input it is hidden, and only referenced by aria.
  const marks = (at: Fault['at']) => (wrong?.at === at ? { error: wrong.message, errorProps: { hidden: true } } : {});
  // A rule without a field is focused there, any other rule at its value.
  const focusField = opening && (!field || field.kind === 'bool');
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out in a row everywhere
    <div role="group" aria-label={`Rule ${number}`} className={classes.rule} data-rule={rule.id}>
      <Select
        className={classes.field}
        aria-label="Field"
        placeholder="Choose a field"
        data={fieldOptions(rule, fields, choices)}
        value={rule.field || null}
        onChange={(name) => name && edits.field(rule, name)}
        searchable
        selectFirstOptionOnChange
        openOnFocus={false}
        allowDeselect={false}
        nothingFoundMessage="No matching field"
        rightSection={chevron}
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
          searchable
          selectFirstOptionOnChange
          openOnFocus={false}
          allowDeselect={false}
          nothingFoundMessage="No matching operator"
          rightSection={chevron}
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
      {note && (
        <p className={classes.note} role="note">
          <IconAlertTriangle size={16} stroke={1.75} aria-hidden />
          {note}
        </p>
      )}
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

function fieldOptions(rule: DraftRule, fields: readonly FilterField[], choices: Props['choices']) {
  const option = ({ name, label }: FilterField) => ({ value: name, label });
  const ofGrants = ({ name }: FilterField) => isGrantField(name);
  const known = [
    { group: 'Attributes', items: choices === 'grants' ? [] : fields.filter(isAttribute).map(option) },
    {
      group: 'Account details',
      items: choices === 'grants' ? [] : fields.filter((field) => !isAttribute(field) && !ofGrants(field)).map(option),
    },
    { group: 'Subscriptions', items: choices === 'users' ? [] : fields.filter(ofGrants).map(option) },
  ].filter(({ items }) => items.length > 0);
  if (!rule.field || known.some(({ items }) => items.some(({ value }) => value === rule.field))) return known;
  // A field that the tenant does not have is listed too, and reported as a fault.
  return [...known, { group: 'Unknown', items: [{ value: rule.field, label: labelOf(rule.field, fields) }] }];
}

function operatorOptions(rule: DraftRule, field: FilterField): { value: RuleOperator; label: string }[] {
  const known = operatorsOf(field);
  const all = known.includes(rule.operator) ? known : [...known, rule.operator];
  return all.map((operator) => ({ value: operator, label: operatorLabel(operator) }));
}
