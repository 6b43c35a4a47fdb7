import { useDebouncedValue } from '@mantine/hooks';
import { useEffect, useRef, useState } from 'react';
import { useFeatures, useStreams } from '@/api/features';
import { useRetention } from '@/api/me';
import { useChangePreferences } from '@/api/preferences';
import { isSettled, usePreview } from '@/api/previews';
import { useReach } from '@/api/reach';
import { useStores } from '@/api/stores';
import { useSchema } from '@/api/user-schema';
import { newKey, useStartExport } from '@/downloads/queries';
import { preload } from '@/downloads/start';
import { useFilterFields } from '@/filter/fields';
import { useMyLiveJob } from '@/jobs/live';
import { lazyDialog } from '@/shared/ui/lazy-dialog';
import { DialogFoot } from './dialog-foot';
import { EventOptions } from './event-options';
import { eventFault, noEvents } from './events';
import classes from './export-dialog.module.css';
import { actionOf, keptUntil } from './figures';
import { FileField } from './file-field';
import {
  type Choices,
  choicesOf,
  definitionOf,
  type ExportForm,
  eventsAlone,
  formOf,
  hasFile,
  previewedOf,
  type Shown,
  searchOf,
} from './form';
import { IncludeCards } from './include-cards';
import { Preflight } from './preflight';
import { PreviewTable } from './preview-table';
import { type PlacedProblem, placed } from './problems';
import { ProfileOptions } from './profile-options';
import { StoreField } from './store-field';
import { useFreshness } from './use-freshness';
import { UsersField } from './users-field';

// The filter builder is large, so it is loaded when it is first opened.
const FilterDrawer = lazyDialog(async () => (await import('@/filter/filter-drawer')).FilterDrawer, 'The filter');

interface Props {
  tenant: string;
  initial: Shown;
  /** What the admin chose last; null without an earlier choice. */
  choices: Choices | null;
  /** The admin tried to leave with a changed filter or search. */
  asked: boolean;
  onClose: () => void;
  /** Called when the filter builder or a menu opens over the dialog, and when it closes. */
  onNested: (nested: boolean) => void;
  onUsersChanged: (changed: boolean) => void;
}

const searchDelay = 300; // ms without a key press before the search is counted

/** ExportPage is the content of the dialog. Its state is reset each time the dialog opens. */
export function ExportPage({ tenant, initial, choices, asked, onClose, onNested, onUsersChanged }: Props) {
  const [kept, setForm] = useState(() => formOf(initial, choices));
  const [missing, setMissing] = useState<PlacedProblem | null>(null);
  const [building, setBuilding] = useState<'no' | 'closed' | 'open'>('no');
  const attempt = useRef({ definition: '', key: '' });
  const store = useRef<HTMLInputElement>(null);
  const cards = useRef<HTMLDivElement>(null);
  const range = useRef<HTMLFieldSetElement>(null);
  const stores = useStores(tenant);
  const schema = useSchema(tenant).data;
  const fields = useFilterFields(tenant);
  const live = useMyLiveJob(tenant);
  const retention = useRetention(tenant);
  const { offline } = useReach();
  const start = useStartExport(tenant);
  const remember = useChangePreferences(tenant).mutate;
  const streams = useStreams(tenant);
  useEffect(() => {
    if (streams) preload();
  }, [streams]);
  const offered = useFeatures(tenant).data?.['feature.stateEventsExport.enabled'] ?? false;
  const form = offered ? kept : { ...kept, events: noEvents };
  const alone = eventsAlone(form);
  const fault = eventFault(form.events);
  const definition = definitionOf(form);
  const counted = previewedOf(form);
  const [search] = useDebouncedValue(form.search, searchDelay);
  const query = usePreview(tenant, counted && previewedOf({ ...form, search }));
  const preview = counted ? query.data : undefined;
  const freshness = useFreshness(preview !== undefined, query.isPlaceholderData || search !== form.search);
  const awaited = counted !== null && !query.isError;
  const settling = query.isFetching && preview !== undefined && !isSettled(preview);
  const problem = missing ?? placed(start.error) ?? placed(counted && query.error);

  function change(part: Partial<ExportForm>): void {
    setForm((before) => ({ ...before, ...part }));
    setMissing(null);
    start.reset();
  }

  function build(open: boolean): void {
    setBuilding(open ? 'open' : 'closed');
    onNested(open);
  }

  function press(): void {
    if (form.store === null) {
      setMissing({ place: 'store', message: 'Choose a user store' });
      store.current?.focus();
    } else if (!hasFile(form)) {
      setMissing({ place: 'include', message: 'Choose at least one' });
      cards.current?.querySelector('button')?.focus();
    } else if (fault) {
      range.current?.querySelectorAll('input')[fault.at === 'from' ? 0 : 1]?.focus();
    } else if (definition && !live && !offline) {
      // One idempotency key per definition: a second press after a lost answer starts no second
      // job.
      const text = JSON.stringify(definition);
      if (attempt.current.definition !== text) attempt.current = { definition: text, key: newKey() };
      start.mutate(
        { definition, idempotencyKey: attempt.current.key },
        {
          onSuccess: (job) => {
            if (!job) return; // the admin closed the save dialog
            remember({ export: choicesOf(definition) });
            onClose();
          },
        },
      );
    }
  }

  const at = (place: PlacedProblem['place']) => (problem?.place === place ? problem.message : undefined);
  return (
    <>
      <div className={classes.scroll}>
        <div className={classes.terms}>
          <div className={classes.form}>
            <div className={classes.who}>
              <StoreField
                ref={store}
                tenant={tenant}
                stores={stores.data}
                value={form.store}
                error={at('store')}
                onChange={(id) => change({ store: id })}
              />
              <UsersField
                filter={form.filter}
                fields={fields}
                search={form.search}
                searched={searchOf(initial) !== ''}
                carried={form.filter === initial.filter && searchOf(form) === searchOf(initial)}
                error={at('users')}
                onEdit={() => build(true)}
                onSearch={(text) => {
                  change({ search: text });
                  onUsersChanged(true);
                }}
              />
            </div>
            <div>
              <IncludeCards
                ref={cards}
                include={form.include}
                events={offered ? form.events.chosen : undefined}
                groups={query.data?.groups}
                error={at('include')}
                onChange={(include) => change({ include })}
                onEvents={(chosen) => change({ events: { ...form.events, chosen } })}
              />
              {form.include.extendedProfiles && (
                <ProfileOptions form={form} known={schema?.appIds ?? []} error={at('profiles')} onChange={change} />
              )}
              {form.events.chosen && (
                <EventOptions
                  ref={range}
                  events={form.events}
                  error={at('events')}
                  onChange={(events) => change({ events })}
                />
              )}
            </div>
            <FileField
              dialect={form.dialect}
              compression={form.compression}
              preview={preview}
              error={at('file')}
              onChange={change}
            />
          </div>
          <Preflight
            form={form}
            preview={preview}
            freshness={freshness}
            countedAt={query.dataUpdatedAt}
            awaited={awaited}
            settling={settling}
            failed={counted !== null && query.isError}
            onRetry={query.refetch}
            until={retention === null ? null : keptUntil(retention, Date.now())}
            streams={streams}
          />
        </div>
        <PreviewTable preview={preview} freshness={freshness} awaited={awaited} alone={alone} />
      </div>
      <DialogFoot
        problem={problem?.place === 'foot' ? problem : null}
        tenant={tenant}
        // The toast shows the job that is being started here. The socket may know it before the answer comes.
        live={start.isPending || start.data ? undefined : live?.jobId}
        offline={offline}
        asked={asked}
        definition={definition}
        action={actionOf(freshness === 'unknown' ? undefined : preview, form)}
        starting={start.isPending}
        streams={streams}
        onNested={onNested}
        onCancel={onClose}
        onExport={press}
      />
      {building !== 'no' && (
        <FilterDrawer
          opened={building === 'open'}
          onClose={() => build(false)}
          tenant={tenant}
          store={form.store ?? 'all'}
          search={searchOf(form)}
          filter={form.filter}
          onApply={(filter) => {
            change({ filter });
            onUsersChanged(true);
          }}
        />
      )}
    </>
  );
}
