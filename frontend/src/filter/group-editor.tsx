import { ActionIcon, Button, SegmentedControl } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { useId } from 'react';
import { type DraftGroup, extent, isDraftGroup } from './draft';
import type { FilterField } from './fields';
import { type Combinator, maxDepth, maxRules, type Quantifier } from './filter';
import classes from './group-editor.module.css';
import { RuleEditor } from './rule-editor';
import type { Edits } from './use-draft';
import type { Fault } from './validation';

interface Props {
  group: DraftGroup;
  /** The nesting depth, 1 for the top group. */
  depth: number;
  /** The position, for its label: "" for the top group, "3.1" for a nested one. */
  number: string;
  /** The whole draft. */
  draft: DraftGroup;
  fields: readonly FilterField[];
  faults: ReadonlyMap<string, Fault>;
  /** The rules are on subscriptions. */
  grants: boolean;
  /** Shows what is missing in unfinished rules too. */
  insists: boolean;
  edits: Edits;
  /** The id of the rule that gets the focus when the drawer opens. */
  opening: string | null;
  onRemove?: () => void;
}

/** Edits the rules of a group and its nested groups. */
export function GroupEditor(props: Props) {
  const { group, depth, number, draft, edits, onRemove } = props;
  const id = useId();
  const { rules, groups } = extent(draft);
  const top = depth === 1;
  const full = rules >= maxRules;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset's legend cannot stand in a row with controls
    <div role="group" aria-labelledby={id} className={top ? undefined : classes.well}>
      <div className={classes.head}>
        <span id={id} className={classes.joined}>
          {top ? 'Rules joined with' : group.quantifier ? 'Subscriptions:' : 'This group joined with'}
        </span>
        {group.quantifier && (
          <>
            <SegmentedControl
              classNames={{ label: classes.choice ?? '' }}
              aria-label={`How many subscriptions of group ${number}`}
              data={['any', 'none', 'all'] satisfies Quantifier[]}
              value={group.quantifier}
              onChange={(value) => edits.quantify(group.id, value)}
            />
            <span className={classes.joined}>with rules joined with</span>
          </>
        )}
        <SegmentedControl
          classNames={{ label: classes.choice ?? '' }}
          aria-label={top ? 'Join rules with' : `Join rules of group ${number} with`}
          data={['and', 'or'] satisfies Combinator[]}
          value={group.combinator}
          onChange={(value) => edits.join(group.id, value)}
        />
        {onRemove && (
          <ActionIcon
            className={classes.remove}
            data-remove={group.id}
            aria-label={`Remove group ${number}`}
            onClick={onRemove}
          >
            <IconX size={16} stroke={1.75} aria-hidden />
          </ActionIcon>
        )}
      </div>
      <ul className={classes.rules}>
        {group.rules.map((member, i) => (
          <li key={member.id}>
            <Member {...props} member={member} number={number ? `${number}.${i + 1}` : `${i + 1}`} />
          </li>
        ))}
      </ul>
      <div className={classes.add}>
        <AddButton data-add={group.id} disabled={full} onClick={() => edits.addRule(group)}>
          Add rule
        </AddButton>
        {depth < maxDepth && (
          <AddButton disabled={full || groups >= maxRules} onClick={() => edits.addGroup(group)}>
            Add group
          </AddButton>
        )}
        {full && <span className={classes.full}>A filter has at most {maxRules} rules.</span>}
      </div>
    </div>
  );
}

function Member({ member, ...props }: Props & { member: DraftGroup['rules'][number] }) {
  const { group, depth, edits, fields, faults, grants, insists, opening, number } = props;
  const remove = () => edits.remove(group, member.id);
  if (isDraftGroup(member))
    return (
      <GroupEditor
        {...props}
        group={member}
        depth={depth + 1}
        grants={grants || member.quantifier !== undefined}
        onRemove={remove}
      />
    );
  return (
    <RuleEditor
      rule={member}
      number={number}
      fields={fields}
      fault={faults.get(member.id) ?? null}
      choices={grants ? 'grants' : depth < maxDepth ? 'all' : 'users'}
      insists={insists}
      edits={edits}
      opening={opening === member.id}
      onRemove={remove}
    />
  );
}

interface AddProps {
  children: string;
  disabled: boolean;
  onClick: () => void;
  'data-add'?: string;
}

function AddButton(props: AddProps) {
  return (
    <Button
      {...props}
      size="xs"
      variant="subtle"
      className={classes.adder}
      leftSection={<IconPlus size={15} stroke={1.75} aria-hidden />}
    />
  );
}
