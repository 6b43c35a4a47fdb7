import { Component, type ReactNode } from 'react';
import { ErrorState } from '@/shared/ui/states';
import { useTitle } from '@/shared/ui/title';

interface State {
  failure: { error: unknown } | null;
}

/** Replaces a page that threw by the error and a button that loads the page again. */
export class CrashBoundary extends Component<{ children: ReactNode }, State> {
  override state: State = { failure: null };

  static getDerivedStateFromError(error: unknown): State {
    return { failure: { error } };
  }

  override render() {
    const { failure } = this.state;
    return failure ? <Crash error={failure.error} /> : this.props.children;
  }
}

function Crash({ error }: { error: unknown }) {
  useTitle('Something went wrong');
  return (
    <ErrorState heading="h1" title="This page could not be displayed" error={error} onRetry={() => location.reload()} />
  );
}
