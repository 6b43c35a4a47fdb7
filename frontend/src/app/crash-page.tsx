import type { ErrorComponentProps } from '@tanstack/react-router';
import { useRouter } from '@tanstack/react-router';
import { useTitle } from '@/shared/ui/page';
import { ErrorState } from '@/shared/ui/states';

/** What a page is while it cannot be shown: what broke, and a way on. */
export function CrashPage({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  useTitle('Something broke');
  const again = () => {
    reset();
    void router.invalidate();
  };
  return <ErrorState heading="h1" title="This page could not be shown" error={error} onRetry={again} />;
}
