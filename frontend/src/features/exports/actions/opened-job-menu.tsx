import { Menu } from '@mantine/core';
import { useMergedRef } from '@mantine/hooks';
import {
  IconBan,
  IconCopy,
  IconDownload,
  IconExternalLink,
  IconFileDescription,
  IconHash,
  IconRepeat,
} from '@tabler/icons-react';
import { Link, useRouter } from '@tanstack/react-router';
import type { Ref } from 'react';
import type { Job } from '@/api/client';
import { useRole } from '@/api/me';
import { CopyCommandItems } from '@/jobs/copy-command-items';
import { copyText } from '@/shared/ui/copy-text';
import { useOpenedMenu } from '@/shared/ui/use-loaded-by-press';
import { usersFile } from '../text/job-text';
import type { Action } from './actions';
import { MoreButton } from './more-button';

/** The props of a job's menu. */
export interface JobMenuProps {
  tenant: string;
  job: Job;
  /** The actions below "Open" and the "Copy" items, which every menu has. */
  actions: readonly Action[];
  /** Adds "Open". Leave it out on the job's own page. */
  withOpen?: boolean;
  framed?: boolean;
  disabled: boolean;
  ref?: Ref<HTMLButtonElement>;
  onAction: (action: Action) => void;
}

const items = {
  download: { name: 'Download', Icon: IconDownload },
  'download-events': { name: 'Download state events', Icon: IconDownload },
  'run-again': { name: 'Run again', Icon: IconRepeat },
  'run-events-again': { name: 'Run state events again', Icon: IconRepeat },
  cancel: { name: 'Cancel', Icon: IconBan },
  'save-manifest': { name: 'Save manifest', Icon: IconFileDescription },
};
const look = { size: 16, stroke: 1.75 };

/** The menu of a job's further actions, which opens at once. */
export function OpenedJobMenu({ tenant, job, actions, withOpen, framed, disabled, ref, onAction }: JobMenuProps) {
  const [own, menu] = useOpenedMenu();
  const button = useMergedRef(own, ref);
  const router = useRouter();
  const params = { tenant, jobId: job.jobId };
  const address = () => {
    const { href } = router.buildLocation({ to: '/t/$tenant/exports/$jobId', params });
    return new URL(href, location.href).href;
  };
  const sha256 = usersFile(job)?.sha256;
  const starts = useRole(tenant) !== 'viewer'; // viewers start no exports
  return (
    <Menu position="bottom-end" width={220} {...menu}>
      <Menu.Target>
        <MoreButton ref={button} of={withOpen ? job.words : undefined} framed={framed} />
      </Menu.Target>
      <Menu.Dropdown>
        {withOpen && (
          <Menu.Item
            leftSection={<IconExternalLink {...look} />}
            renderRoot={(props) => <Link {...props} to="/t/$tenant/exports/$jobId" params={params} />}
          >
            Open
          </Menu.Item>
        )}
        <Menu.Item leftSection={<IconCopy {...look} />} onClick={() => copyText(address(), 'Link copied')}>
          Copy link
        </Menu.Item>
        {sha256 && (
          <Menu.Item leftSection={<IconHash {...look} />} onClick={() => copyText(sha256, 'SHA-256 copied')}>
            Copy SHA-256
          </Menu.Item>
        )}
        {starts && <CopyCommandItems definition={job.definition} />}
        {actions.length > 0 && <Menu.Divider role="separator" />}
        {actions.map((action) => {
          const { name, Icon } = items[action];
          return (
            <Menu.Item
              key={action}
              leftSection={<Icon {...look} />}
              disabled={disabled}
              onClick={() => onAction(action)}
            >
              {name}
            </Menu.Item>
          );
        })}
      </Menu.Dropdown>
    </Menu>
  );
}
