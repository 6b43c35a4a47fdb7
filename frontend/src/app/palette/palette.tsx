import { Modal, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { type KeyboardEvent, type RefObject, useEffect, useId, useRef, useState } from 'react';
import { counted } from '@/shared/ui/format';
import { useFocusReturn } from '@/shared/ui/use-focus-return';
import { type Command, matching, nameOf } from './matching';
import classes from './palette.module.css';
import { useCommands } from './use-commands';

interface Props {
  tenant: string;
  opened: boolean;
  onClose: () => void;
  /** Opens the list of shortcuts. */
  onShortcuts: () => void;
}

/** The command palette: pages, actions, exports, saved filters, tenants, themes, and users by words. */
export function Palette({ tenant, opened, onClose, onShortcuts }: Props) {
  const chosen = useRef<Command>(null);
  // The command runs after the focus is back: a dialog that it opens returns the focus to the same element.
  useFocusReturn(opened, () => {
    const command = chosen.current;
    chosen.current = null;
    command?.run();
  });
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      returnFocus={false}
      withCloseButton={false}
      centered={false}
      size={560}
      yOffset="12vh"
    >
      <Modal.Title className="unseen">Commands</Modal.Title>
      <CommandList
        tenant={tenant}
        onShortcuts={onShortcuts}
        onChoose={(command) => {
          chosen.current = command;
          onClose();
        }}
      />
    </Modal>
  );
}

interface ListProps extends Pick<Props, 'tenant' | 'onShortcuts'> {
  onChoose: (command: Command) => void;
}

function CommandList({ tenant, onShortcuts, onChoose }: ListProps) {
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const input = useRef<HTMLInputElement>(null);
  useHeldFocus(input);
  const { commands, find, incomplete } = useCommands(tenant, onShortcuts);
  const words = text.trim();
  const found = matching(commands, text);
  const shown = [...found, ...(words ? [find(words)] : [])];
  const current = Math.min(at, shown.length - 1);

  useEffect(() => {
    list.current?.querySelector(`[data-place="${current}"]`)?.scrollIntoView({ block: 'nearest' });
  }, [current]);

  const choose = (command: Command | undefined) => {
    if (command && !command.disabled) onChoose(command);
  };
  const press = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === 'Enter' && !event.nativeEvent.isComposing) choose(shown[current]);
    else if (step === undefined) return;
    else setAt((current + step + shown.length) % shown.length);
    event.preventDefault();
  };
  return (
    <>
      <TextInput
        ref={input}
        data-autofocus
        className={classes.input ?? ''}
        variant="unstyled"
        role="combobox"
        aria-label="Search commands and users"
        aria-expanded
        aria-controls={`${id}-list`}
        aria-activedescendant={`${id}-${current}`}
        aria-autocomplete="list"
        placeholder="Search commands and users"
        autoComplete="off"
        spellCheck={false}
        maxLength={256}
        leftSection={<IconSearch size={16} stroke={1.75} aria-hidden />}
        value={text}
        onChange={({ currentTarget }) => {
          setText(currentTarget.value);
          setAt(0);
        }}
        onKeyDown={press}
      />
      <p role="status" className={found.length === 0 ? classes.status : 'unseen'}>
        {found.length === 0 ? 'No command matches.' : words && counted(found.length, 'command')}
      </p>
      <div ref={list} id={`${id}-list`} role="listbox" aria-label="Commands" className={classes.list}>
        {shown.map((command, place) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the field has the focus, and its keys choose
          // biome-ignore lint/a11y/useFocusableInteractive: as above
          <div
            key={command.id}
            id={`${id}-${place}`}
            role="option"
            aria-selected={place === current}
            aria-disabled={command.disabled}
            aria-label={nameOf(command)}
            data-place={place}
            className={classes.option}
            onPointerMove={() => setAt(place)}
            onClick={() => choose(command)}
          >
            <span className={classes.group}>{command.group}</span>
            <bdi className={classes.label}>{command.label}</bdi>
            {command.note && <span className={classes.note}>{command.note}</span>}
          </div>
        ))}
      </div>
      {incomplete && <p className={classes.status}>The saved filters could not be loaded.</p>}
    </>
  );
}

// Keeps the focus in the field while the palette is open: a page that loads meanwhile focuses its title.
function useHeldFocus(input: RefObject<HTMLInputElement | null>) {
  useEffect(() => {
    input.current?.focus();
    const hold = ({ target }: FocusEvent) => {
      const dialog = input.current?.closest('[role="dialog"]');
      if (dialog && target instanceof Node && !dialog.contains(target)) input.current?.focus();
    };
    document.addEventListener('focusin', hold);
    return () => document.removeEventListener('focusin', hold);
  }, [input]);
}
