import { InputBase, type Select as MantineSelect, type SelectProps } from '@mantine/core';
import { useMergedRef } from '@mantine/hooks';
import { IconChevronDown } from '@tabler/icons-react';
import { type KeyboardEvent, type Ref, startTransition, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { useFirstPaint } from '../first-paint';
import { untilLoaded } from '../until-loaded';

type Loaded = typeof MantineSelect;
type Intent = 'none' | 'focused' | 'pressed';

const load = async () => (await import('./select')).Select;
let known: Loaded | null = null;

// Without aria-labelledby: Mantine gives the open list the name of `label` or `aria-label` only.
interface Props extends Omit<SelectProps, 'data' | 'aria-labelledby'> {
  ref?: Ref<HTMLInputElement> | undefined;
  data: readonly { value: string; label: string }[];
}

/**
 * Selects one of the values in a list. The list is large code that the first screen does not show, so it is loaded after
 * the first paint, or when the field is used; until then an input that looks the same stands for it. What the user did
 * with that input, a press or the focus, reaches the list.
 */
export function SelectField({ ref, data, ...props }: Props) {
  const painted = useFirstPaint();
  const [Select, setSelect] = useState(() => known);
  const intent = useRef<Intent>('none');
  const waits = painted && Select === null;
  useEffect(() => {
    if (!waits) return;
    void untilLoaded(load).then((loaded) => {
      known = loaded;
      startTransition(() => setSelect(() => loaded));
    });
  }, [waits]);
  const chevron = <IconChevronDown size={15} stroke={1.75} aria-hidden />;
  const shared = { rightSection: props.clearable && props.value ? undefined : chevron, ...props };
  if (Select) return <Followed Select={Select} intent={intent} {...shared} ref={ref} data={[...data]} />;
  return <Face {...shared} ref={ref} data={data} intent={intent} />;
}

// The input before the list is loaded. The list brings the rest: what it says while it is open, and its keys.
function Face({ data, value, intent, ref, ...props }: Props & { intent: { current: Intent } }) {
  const { allowDeselect: _, searchable, clearable: __, onChange: ___, ...rest } = props as SelectProps;
  const press = () => {
    if (!rest.readOnly) intent.current = 'pressed';
  };
  return (
    <InputBase
      {...(rest as object)}
      ref={ref}
      role="combobox"
      aria-haspopup="listbox"
      aria-expanded={false}
      rightSectionPointerEvents="none"
      readOnly
      pointer={!searchable}
      value={data.find((one) => one.value === value)?.label ?? ''}
      onFocus={() => {
        if (intent.current === 'none') intent.current = 'focused';
      }}
      onBlur={() => {
        intent.current = 'none';
      }}
      // The list may come between the press of the button and its release: then there is no click.
      onPointerDown={press}
      onPointerCancel={() => {
        intent.current = 'focused';
      }}
      onClick={press}
      onKeyDown={(event: KeyboardEvent) => {
        if (!['ArrowDown', 'ArrowUp', 'Enter', ' '].includes(event.key)) return;
        event.preventDefault();
        press();
      }}
    />
  );
}

interface FollowedProps extends SelectProps {
  Select: Loaded;
  intent: { current: Intent };
  ref?: Ref<HTMLInputElement> | undefined;
}

// The loaded list, which takes over the focus and the press.
function Followed({ Select, intent, ref, ...props }: FollowedProps) {
  const input = useRef<HTMLInputElement>(null);
  const merged = useMergedRef(input, ref);
  useLayoutEffect(() => {
    const { current: first } = intent;
    if (first !== 'none') input.current?.focus({ preventScroll: true });
    if (first === 'pressed') input.current?.click();
    intent.current = 'none';
  }, [intent]);
  return <Select {...props} ref={merged} />;
}
