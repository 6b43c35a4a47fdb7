import { act, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Job } from '@/api/client';
import { reportUnseenEnd } from '@/jobs/unseen-end';
import { jobOf } from '@/shared/testing/jobs';
import { renderUi } from '@/shared/testing/render';
import { useTitle } from '@/shared/ui/title';
import { NotifyChoice } from './notify-choice';
import { TabSignals } from './tab-signals';

let hidden = false;
beforeEach(() => {
  hidden = false;
  vi.spyOn(document, 'visibilityState', 'get').mockImplementation(() => (hidden ? 'hidden' : 'visible'));
  document.head.innerHTML = '<link rel="icon" href="/favicon.svg" />';
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

function setHidden(next: boolean): void {
  hidden = next;
  act(() => void document.dispatchEvent(new Event('visibilitychange')));
}

// The browser's notifications.
class Shown {
  static all: Shown[] = [];
  static permission: NotificationPermission = 'granted';
  static answer: NotificationPermission = 'granted';
  static requestPermission = vi.fn(async () => {
    Shown.permission = Shown.answer;
    return Shown.answer;
  });
  onclick: () => void = () => {};
  onclose: () => void = () => {};
  closed = false;
  constructor(
    readonly title: string,
    readonly options: NotificationOptions,
  ) {
    Shown.all.push(this);
  }
  close(): void {
    this.closed = true;
  }
}

function allow(permission: NotificationPermission, answer: NotificationPermission = permission): void {
  Shown.all = [];
  Shown.permission = permission;
  Shown.answer = answer;
  Shown.requestPermission.mockClear();
  vi.stubGlobal('Notification', Shown);
  vi.stubGlobal('isSecureContext', true);
}

const onOpen = vi.fn();

function Tab({ jobs }: { jobs: Job[] }) {
  useTitle('Users · Meridian Press');
  return (
    <TabSignals
      jobs={jobs.map((job) => ({ tenant: 'meridian', job }))}
      nameOf={() => 'Meridian Press'}
      onOpen={onOpen}
    />
  );
}

const icon = () => document.querySelector('link[rel="icon"]')?.getAttribute('href');
const running = jobOf('01A', { status: 'downloading', progress: { ...jobOf('01A', {}).progress, percent: 41 } });
const completed = jobOf('01A', { status: 'completed' });

describe('title and icon', () => {
  it('show the progress, and are restored at an end that is seen', () => {
    const { rerender } = render(<Tab jobs={[running]} />);
    expect(document.title).toBe('41% · Users · Meridian Press · Egress');
    expect(icon()).toMatch(/^data:image\/svg/);
    rerender(<Tab jobs={[completed]} />);
    expect(document.title).toBe('Users · Meridian Press · Egress');
    expect(icon()).toBe('/favicon.svg');
  });

  it('show an end that nobody saw until somebody looks', () => {
    const { rerender } = render(<Tab jobs={[running]} />);
    setHidden(true);
    rerender(<Tab jobs={[completed]} />);
    expect(document.title).toBe('Export complete! · Users · Meridian Press · Egress');
    setHidden(false);
    expect(document.title).toBe('Users · Meridian Press · Egress');
    setHidden(true);
    expect(document.title).toBe('Users · Meridian Press · Egress');
  });

  it('are restored with the log-out', () => {
    const { unmount } = render(<Tab jobs={[running]} />);
    unmount();
    expect(document.title).toBe('Users · Meridian Press · Egress');
    expect(icon()).toBe('/favicon.svg');
  });
});

describe('the notification', () => {
  it('says what the toast says, opens the job, and goes when somebody looks', () => {
    allow('granted');
    const focus = vi.spyOn(window, 'focus').mockImplementation(() => {});
    render(<Tab jobs={[running]} />);
    reportUnseenEnd({
      tenant: 'meridian',
      job: jobOf('01A', { status: 'failed', error: { code: 'storage_unavailable', message: 'The storage is full.' } }),
    });
    const [shown] = Shown.all;
    expect(shown?.title).toBe('Export failed. Please try again.');
    expect(shown?.options).toEqual({
      body: 'Meridian Press\nThe storage is full.\nThe cause is on our side, not your connection.\nCheck your internet connection and retry.',
      tag: 'egress-export-01A',
    });
    shown?.onclick();
    expect(focus).toHaveBeenCalledOnce();
    expect(onOpen).toHaveBeenCalledWith('meridian', '01A');

    reportUnseenEnd({ tenant: 'meridian', job: completed });
    setHidden(true);
    expect(Shown.all[1]?.closed).toBe(false);
    setHidden(false);
    expect(Shown.all[1]?.closed).toBe(true);
  });

  it.each(['default', 'denied'] as const)('is not shown with the permission "%s"', (permission) => {
    allow(permission);
    render(<Tab jobs={[running]} />);
    reportUnseenEnd({ tenant: 'meridian', job: completed });
    expect(Shown.all).toEqual([]);
    expect(Shown.requestPermission).not.toHaveBeenCalled();
  });
});

describe('NotifyChoice', () => {
  it.each([
    ['granted', 'This browser will notify you when an export ends.'],
    ['denied', 'This browser blocks notifications of Egress. Allow them in its settings.'],
  ] as const)('asks after a click only, and says the answer: %s', async (answer, words) => {
    allow('default', answer);
    renderUi(<NotifyChoice />);
    expect(Shown.requestPermission).not.toHaveBeenCalled();
    await userEvent.setup().click(screen.getByRole('button', { name: 'Notify me' }));
    expect(await screen.findByRole('status')).toHaveTextContent(words);
    expect(screen.queryByRole('button')).not.toBeInTheDocument();
  });

  it.each(['granted', 'denied'] as const)('is not shown if the answer is known: %s', (permission) => {
    allow(permission);
    renderUi(<NotifyChoice />);
    expect(screen.queryByRole('button')).not.toBeInTheDocument();
  });

  it('is not shown where the browser has no notifications', () => {
    renderUi(<NotifyChoice />);
    expect(screen.queryByRole('button')).not.toBeInTheDocument();
  });
});
