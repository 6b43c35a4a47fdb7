import { ActionIcon } from '@mantine/core';
import { useClipboard } from '@mantine/hooks';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { ApiError } from '@/api/client';
import { useManifest } from '@/jobs/queries';
import { Hint } from '@/shared/ui/hint';
import classes from './receipt.module.css';

/** CopyManifest loads a manifest and copies it. It shows an error next to the button. */
export function CopyManifest({ tenant, jobId }: { tenant: string; jobId: string }) {
  const { mutate, isPending, error } = useManifest(tenant);
  const clipboard = useClipboard({ timeout: 2_000 });
  const name = clipboard.copied ? 'Copied' : 'Copy the manifest';
  const Icon = clipboard.copied ? IconCheck : IconCopy;
  const problem = error ?? clipboard.error;
  return (
    <>
      {problem && (
        <span role="alert" className={classes.problem}>
          {problem instanceof ApiError ? problem.message : 'The browser blocked copying. Save the manifest instead.'}
        </span>
      )}
      <Hint label={name}>
        <ActionIcon
          aria-label={name}
          aria-busy={isPending || undefined}
          onClick={() => !isPending && mutate(jobId, { onSuccess: clipboard.copy })}
        >
          <Icon size={16} stroke={1.75} />
        </ActionIcon>
      </Hint>
    </>
  );
}
