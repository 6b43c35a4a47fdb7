import { type FloatingPosition, Tooltip } from '@mantine/core';
import { useEffect, useId } from 'react';

interface Props {
  /** The element that the text describes. */
  target: HTMLElement;
  label: string;
  position: FloatingPosition;
  onEscape: () => void;
}

/** The text of a hint, while it is shown. */
export function HintText({ target, label, position, onEscape }: Props) {
  const id = useId();
  useEffect(() => {
    target.setAttribute('aria-describedby', id);
    return () => target.removeAttribute('aria-describedby');
  }, [target, id]);
  useEffect(() => {
    const listen = ({ key }: KeyboardEvent) => {
      if (key === 'Escape') onEscape();
    };
    document.addEventListener('keydown', listen);
    return () => document.removeEventListener('keydown', listen);
  }, [onEscape]);
  return <Tooltip target={target} opened label={<span id={id}>{label}</span>} position={position} />;
}
