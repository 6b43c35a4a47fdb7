import { Skeleton } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { type ReactNode, useId } from 'react';
import { useFeatures } from '@/shared/api/features';
import { useRole } from '@/shared/api/me';
import { useSettings } from '@/shared/api/settings';
import { Page } from '@/shared/ui/page';
import { ErrorState } from '@/shared/ui/states';
import { FeatureSwitch, type FeatureWords } from './feature-switch';
import { RetentionField } from './retention-field';
import classes from './settings.module.css';
import { SignaturesSwitch } from './signatures-switch';

const route = getRouteApi('/t/$tenant/settings');

const switches: FeatureWords[] = [
  {
    feature: 'feature.asyncUserExport.enabled',
    title: 'Asynchronous user exports',
    on: 'Export jobs run in the background and go on even if you close the browser or leave the page. The file is stored, and a download link is there once it is complete; who asked gets an e-mail.',
    off: 'The tab that starts an export streams the file and must stay open until the export finishes; closing it cancels the export. No copy is stored.',
  },
  {
    feature: 'feature.stateEventsExport.enabled',
    title: 'State events export',
    on: 'An export may have a second file, with the state events of its users.',
    off: 'An export has the users file only.',
  },
];

/** What a tenant's owners have set. Everyone else may look. */
export function SettingsPage() {
  const { tenant } = route.useParams();
  return (
    <Page title="Settings">
      <SettingsOf tenant={tenant} />
    </Page>
  );
}

/** The settings of a tenant. */
export function SettingsOf({ tenant }: { tenant: string }) {
  const features = useFeatures(tenant);
  const settings = useSettings(tenant);
  const mayChange = useRole(tenant) === 'owner';
  const failed = [features, settings].find(({ data, isError }) => !data && isError);
  if (failed) {
    return (
      <ErrorState
        title="The settings could not be loaded"
        error={failed.error}
        retrying={features.isFetching || settings.isFetching}
        onRetry={() => {
          void features.refetch();
          void settings.refetch();
        }}
      />
    );
  }
  return (
    <div className={classes.page}>
      <p className={classes.lede}>
        A change takes effect for the next export or request; running exports go on as they began.{' '}
        {!mayChange && <span>Only owners can change settings.</span>}
      </p>
      <Group title="Exports">
        {switches.map((words) =>
          features.data ? (
            <FeatureSwitch
              key={words.feature}
              tenant={tenant}
              words={words}
              checked={features.data[words.feature]}
              mayChange={mayChange}
            />
          ) : (
            <Skeleton key={words.feature} className={classes.waiting ?? ''} />
          ),
        )}
      </Group>
      <Group title="Files">
        {settings.data ? (
          <RetentionField tenant={tenant} settings={settings.data} mayChange={mayChange} />
        ) : (
          <Skeleton className={classes.waiting ?? ''} />
        )}
      </Group>
      <Group title="API">
        {settings.data ? (
          <SignaturesSwitch tenant={tenant} checked={settings.data.legacySignatures} mayChange={mayChange} />
        ) : (
          <Skeleton className={classes.waiting ?? ''} />
        )}
      </Group>
    </div>
  );
}

function Group({ title, children }: { title: string; children: ReactNode }) {
  const id = useId();
  return (
    <section className={classes.group} aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {children}
    </section>
  );
}
