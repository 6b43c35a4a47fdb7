import { Modal, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import { type Command, matching } from './matching';
import classes from './palette.module.css';
import { useCommands } from './use-commands';

interface Props {
  tenant: string;
  opened: boolean;
  onClose: () => void;
}

/** The command palette: pages, tenants, saved filters, an export, the theme, and users by words. */
export function Palette({ tenant, opened, onClose }: Props) {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      withCloseButton={false}
      aria-label="Commands"
      size={560}
      radius="lg"
      padding={0}
      yOffset="12vh"
    >
      <Commands tenant={tenant} onClose={onClose} />
    </Modal>
  );
}

function Commands({ tenant, onClose }: Pick<Props, 'tenant' | 'onClose'>) {
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const { commands, find } = useCommands(tenant, true);
  const words = text.trim();
  const shown = [...matching(commands, text), ...(words ? [find(words)] : [])];
  const chosen = Math.min(at, shown.length - 1);

  useEffect(() => {
    list.current?.querySelector(`[data-place="${chosen}"]`)?.scrollIntoView({ block: 'nearest' });
  }, [chosen]);

  const run = (command: Command | undefined) => {
    if (!command) return;
    onClose();
    command.run();
  };
  const press = (event: KeyboardEvent) => {
    const to = { ArrowDown: chosen + 1, ArrowUp: chosen - 1, Home: 0, End: shown.length - 1 }[event.key];
    if (event.key === 'Enter' && !event.nativeEvent.isComposing) run(shown[chosen]);
    else if (to === undefined) return;
    else setAt((to + shown.length) % shown.length);
    event.preventDefault();
  };
  return (
    <>
      <TextInput
        data-autofocus
        className={classes.input ?? ''}
        variant="unstyled"
        role="combobox"
        aria-label="Search commands and users"
        aria-expanded
        aria-controls={`${id}-list`}
        aria-activedescendant={`${id}-${chosen}`}
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
      <div ref={list} id={`${id}-list`} role="listbox" aria-label="Commands" className={classes.list}>
        {shown.map((command, place) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the field has the focus, and its keys choose
          // biome-ignore lint/a11y/useFocusableInteractive: as above
          <div
            key={command.id}
            id={`${id}-${place}`}
            role="option"
            aria-selected={place === chosen}
            aria-label={`${command.group}: ${command.label}`}
            data-place={place}
            className={classes.option}
            onPointerMove={() => setAt(place)}
            onClick={() => run(command)}
          >
            <span className={classes.group}>{command.group}</span>
            <bdi>{command.label}</bdi>
          </div>
        ))}
      </div>
    </>
  );
}
