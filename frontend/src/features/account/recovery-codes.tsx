import { Button, CopyButton } from '@mantine/core';
import { IconCheck, IconCopy, IconDownload } from '@tabler/icons-react';
import { useEffect } from 'react';
import { saveText } from '@/shared/ui/save-text';
import type { Held } from '@/shared/ui/secret-dialog/held';
import { SecretNotice } from '@/shared/ui/secret-dialog/secret-notice';
import classes from './account.module.css';

interface Props extends Held {
  codes: readonly string[];
  onDone: () => void;
}

/** Shows new recovery codes, once, with buttons to copy and download them. */
export function RecoveryCodes({ codes, asked, onHeld, onDone }: Props) {
  useEffect(() => onHeld(true), [onHeld]);
  const text = `Recovery codes for Egress at ${location.host}. Each is valid once.\n\n${codes.join('\n')}\n`;
  return (
    <SecretNotice
      done="I have saved them"
      warning={
        asked ? 'The codes are not shown again. Save them before you close; you can also create new ones.' : null
      }
      onDone={onDone}
      notice={
        <>
          <b>Save your recovery codes now.</b> They are not shown again. Each logs you in once, when your app or passkey
          is unavailable.
        </>
      }
    >
      <ul className={classes.codes} aria-label="Recovery codes">
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ul>
      <div className={classes.buttons}>
        <CopyButton value={codes.join('\n')} timeout={2_000}>
          {({ copied, copy }) => {
            const Icon = copied ? IconCheck : IconCopy;
            return (
              <Button leftSection={<Icon size={16} stroke={1.75} />} onClick={copy}>
                {copied ? 'Copied' : 'Copy'}
              </Button>
            );
          }}
        </CopyButton>
        <Button
          leftSection={<IconDownload size={16} stroke={1.75} />}
          onClick={() => saveText(text, 'egress-recovery-codes.txt', 'text/plain')}
        >
          Download
        </Button>
      </div>
    </SecretNotice>
  );
}
