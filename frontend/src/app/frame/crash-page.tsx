import type { ErrorComponentProps } from '@tanstack/react-router';
import { useRouter } from '@tanstack/react-router';
import { ErrorState } from '@/shared/ui/states';
import { useTitle } from '@/shared/ui/title';

/** Replaces a page that threw: shows the error and a button to try again. */
export function CrashPage({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  useTitle('Something went wrong');
  const again = () => {
    reset();
    void router.invalidate();
  };
  return <ErrorState heading="h1" title="This page could not be displayed" error={error} onRetry={again} />;
}
