import { MantineProvider, Skeleton } from '@mantine/core';
import { IconFileExport, IconMenu2 } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { Brand, Mark } from '@/shared/ui/brand';
import page from '@/shared/ui/page.module.css';
import { WaitingRows } from '@/shared/ui/page-skeleton';
import waiting from '@/shared/ui/page-skeleton.module.css';
import frame from '../frame/frame.module.css';
import navigation from '../frame/navigation.module.css';
import phone from '../frame/phone-header.module.css';
import root from '../root.module.css';

/**
 * Returns the HTML of a screen until its scripts run: the frame, its title, and the placeholder of its content. It has
 * nothing that depends on the admin, and screen readers hear only that the page is loading. Only the build imports this
 * module.
 */
export function shell(title: string | undefined): string {
  return renderToStaticMarkup(
    <MantineProvider withCssVariables={false} withGlobalClasses={false}>
      <div className={root.root} role="status" aria-label="Loading">
        <div className={frame.frame} aria-hidden>
          <header className={frame.header}>
            <div className={phone.header}>
              <Square>
                <IconMenu2 size={20} stroke={1.75} />
              </Square>
              <Mark size={20} />
              <Square>
                <IconFileExport size={20} stroke={1.75} />
              </Square>
            </div>
          </header>
          <div className={frame.navigation}>
            <div className={navigation.panel}>
              <div className={navigation.brand}>
                <Brand />
              </div>
              <Skeleton height={40} radius="md" />
            </div>
          </div>
          <main className={frame.main}>
            <div className={frame.sheet}>
              <header className={page.head}>{title ? <h1>{title}</h1> : <Skeleton height={20} width={120} />}</header>
              <div className={waiting.page}>
                <Skeleton height={32} width={320} />
                <WaitingRows />
              </div>
            </div>
          </main>
        </div>
      </div>
    </MantineProvider>,
  );
}

// The place of a button.
function Square({ children }: { children: ReactNode }) {
  return <span className={phone.square}>{children}</span>;
}
