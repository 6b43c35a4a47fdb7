import { ActionIcon, Tooltip } from '@mantine/core';
import { useClipboard } from '@mantine/hooks';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { ApiError } from '@/shared/api/client';
import { useManifest } from '@/shared/api/jobs';
import classes from './receipt.module.css';

/** Copies a manifest, which is asked for when it is wanted. What goes wrong is told beside the button. */
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
          {problem instanceof ApiError ? problem.message : 'The browser did not let it be copied. Save it instead.'}
        </span>
      )}
      <Tooltip label={name}>
        <ActionIcon
          aria-label={name}
          aria-busy={isPending || undefined}
          onClick={() => !isPending && mutate(jobId, { onSuccess: clipboard.copy })}
        >
          <Icon size={16} stroke={1.75} />
        </ActionIcon>
      </Tooltip>
    </>
  );
}
