import '@/shared/ui/fonts.css';
import '@/shared/ui/tokens.css';
import '@/shared/ui/base.css';
import './landing.css';
import { loginPage } from '@/features/session/login';
import { ApiError, answered, api } from '@/shared/api/client';
import { h } from '@/shared/ui/dom';
import { homePage } from './home';

const ended = 'Your session has ended.';
const app = document.querySelector<HTMLElement>('#app');
if (!app) throw new Error('The page has no #app.');

function login(notice: string): void {
  app?.replaceChildren(loginPage(notice, () => void start()));
  app?.querySelector('input')?.focus();
}

/** Shows the exports to those who have a session, and the log-in page to those who have none. */
async function start(): Promise<void> {
  try {
    const me = await answered(api.GET('/v4/me'));
    app?.replaceChildren(homePage(me, { onEnd: () => login(ended), onLogOut: () => login('You have logged out.') }));
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) return login('Exports that can be trusted.');
    const retry = h('button', { type: 'button', class: 'button' }, 'Try again');
    retry.addEventListener('click', () => void start());
    const words = error instanceof Error ? error.message : String(error);
    app?.replaceChildren(
      h('main', { class: 'trouble', role: 'alert' }, h('h1', {}, 'Egress cannot be reached'), h('p', {}, words), retry),
    );
  }
}

void start();
