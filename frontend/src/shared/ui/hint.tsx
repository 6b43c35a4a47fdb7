import type { FloatingPosition } from '@mantine/core';
import { type FocusEvent, type PointerEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import { lazyPart } from '../lazy-part';
import classes from './hint.module.css';

// Most visits show none. Loaded when it is first shown.
const HintText = lazyPart(async () => (await import('./hint-text')).HintText);

const delay = 300; // ms, from the pointer's arrival

interface Props {
  label: string;
  position?: FloatingPosition;
  /** One element that can have the focus. */
  children: ReactNode;
}

/** Shows a text next to its child while the pointer rests on it, or while it has the focus of a keyboard user. */
export function Hint({ label, position = 'top', children }: Props) {
  const [target, setTarget] = useState<HTMLElement | null>(null);
  const timer = useRef<number>(undefined);
  const hide = () => {
    clearTimeout(timer.current);
    setTarget(null);
  };
  const show = ({ currentTarget }: { currentTarget: HTMLElement }, after: number) => {
    const element = currentTarget.firstElementChild as HTMLElement | null;
    clearTimeout(timer.current);
    timer.current = window.setTimeout(() => setTarget(element), after);
  };
  useEffect(() => () => clearTimeout(timer.current), []);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it listens to what happens to its child
    <span
      className={classes.hint}
      // Not enter and leave: React reports none after the element that was under the pointer has left the page.
      onPointerOver={(event: PointerEvent<HTMLElement>) => {
        if (event.pointerType !== 'touch' && !isInside(event)) show(event, delay);
      }}
      onPointerOut={(event: PointerEvent<HTMLElement>) => {
        if (!isInside(event)) hide();
      }}
      onFocus={(event: FocusEvent<HTMLElement>) => {
        if (event.target.matches(':focus-visible')) show(event, 0);
      }}
      onBlur={hide}
    >
      {children}
      {target && <HintText target={target} label={label} position={position} onEscape={hide} />}
    </span>
  );
}

// Reports whether the pointer moves within the element.
function isInside({ currentTarget, relatedTarget }: PointerEvent<HTMLElement>): boolean {
  return relatedTarget instanceof Node && currentTarget.contains(relatedTarget);
}
