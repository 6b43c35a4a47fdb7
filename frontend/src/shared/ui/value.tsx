import { Component, type ReactNode } from 'react';
import { clipped } from './format';

interface Props {
  /** The raw value. It is shown as text if `children` throws. */
  of: unknown;
  children: () => ReactNode;
}

interface State {
  of: unknown;
  broken: boolean;
}

/**
 * Shows one value of the data in its own writing direction. If `children` throws, it shows the raw
 * text, and the rest of the page is not affected.
 */
export class Value extends Component<Props, State> {
  override state: State = { of: this.props.of, broken: false };

  static getDerivedStateFromProps({ of }: Props, state: State): State | null {
    return Object.is(of, state.of) ? null : { of, broken: false };
  }

  static getDerivedStateFromError(): Partial<State> {
    return { broken: true };
  }

  override render() {
    const { of, children } = this.props;
    return this.state.broken ? <bdi dir="auto">{rawText(of)}</bdi> : <Rendered>{children}</Rendered>;
  }
}

// Calls `children` inside the boundary, because an error boundary does not catch its own errors.
function Rendered({ children }: { children: () => ReactNode }) {
  return children();
}

/** Formats any value as text; "unknown" if it is missing. */
export function rawText(value: unknown): string {
  if (value === undefined || value === null || value === '') return 'unknown';
  if (typeof value === 'string') return clipped(value);
  try {
    return clipped(JSON.stringify(value) ?? String(value));
  } catch {
    return 'cannot be shown';
  }
}
