import { type FocusEvent, useEffect, useEffectEvent, useState } from 'react';

/**
 * Calls `leave` after a while, but not under the pointer and not while the focus is inside: then the while begins anew.
 * Null means never. Returns the handlers of the element that is to leave.
 */
export function useLeave(after: number | null, leave: () => void) {
  const [hovered, setHovered] = useState(false);
  const [focused, setFocused] = useState(false);
  const gone = useEffectEvent(leave);
  const held = hovered || focused;
  useEffect(() => {
    if (after === null || held) return;
    const timer = setTimeout(gone, after);
    return () => clearTimeout(timer);
  }, [after, held]);
  return {
    onPointerEnter: () => setHovered(true),
    onPointerLeave: () => setHovered(false),
    onFocus: () => setFocused(true),
    onBlur: ({ currentTarget, relatedTarget }: FocusEvent) => setFocused(currentTarget.contains(relatedTarget)),
  };
}
