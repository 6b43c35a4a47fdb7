import { Skeleton } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { type ReactNode, useId } from 'react';
import { useFeatures } from '@/api/features';
import { useRole } from '@/api/me';
import { useSettings } from '@/api/settings';
import { Page } from '@/shared/ui/page';
import { ErrorState } from '@/shared/ui/states';
import { DefaultStoreField } from './default-store-field';
import { FeatureSwitch, type FeatureWords } from './feature-switch';
import { KeptFiles } from './kept-files';
import { RetentionField } from './retention-field';
import { SecondFactorSwitch } from './second-factor-switch';
import classes from './settings.module.css';
import { SignaturesSwitch } from './signatures-switch';
import { ZephrSwitch } from './zephr-switch';

export { loadSettings } from './load-settings';

const route = getRouteApi('/t/$tenant/settings');

const switches: FeatureWords[] = [
  {
    feature: 'feature.asyncUserExport.enabled',
    title: 'Asynchronous user exports',
    on: 'Export jobs run in the background and continue even if you close the browser or leave the page. The file is stored. When it is complete, a download link is available and the requester gets an email.',
    off: 'The tab that starts an export streams the file and must stay open until the export finishes; closing it cancels the export. No copy is stored.',
  },
  {
    feature: 'feature.stateEventsExport.enabled',
    title: 'State events export',
    on: 'An export can include a second file with the state events of its users.',
    off: 'An export includes the users file only.',
  },
];

/** The settings of a tenant. Owners change them, other members view them. */
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
        Changes apply to the next export or request. Running exports keep their settings.{' '}
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
          <>
            <RetentionField tenant={tenant} settings={settings.data} mayChange={mayChange} />
            <KeptFiles tenant={tenant} />
          </>
        ) : (
          <Skeleton className={classes.waiting ?? ''} />
        )}
      </Group>
      <Group title="Log-in">
        {settings.data ? (
          <SecondFactorSwitch tenant={tenant} checked={settings.data.secondFactorRequired} mayChange={mayChange} />
        ) : (
          <Skeleton className={classes.waiting ?? ''} />
        )}
      </Group>
      <Group title="API">
        {settings.data ? (
          <>
            <ZephrSwitch tenant={tenant} checked={settings.data.zephrSignatures} mayChange={mayChange} />
            <SignaturesSwitch tenant={tenant} checked={settings.data.legacySignatures} mayChange={mayChange} />
            <DefaultStoreField tenant={tenant} settings={settings.data} mayChange={mayChange} />
          </>
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
