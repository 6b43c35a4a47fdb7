import { ApiError, answered, api } from '@/shared/api/client';
import { h } from '@/shared/ui/dom';
import { picture } from './picture';

/** Makes the log-in page. It calls onDone once the session's cookie is set. */
export function loginPage(notice: string, onDone: () => void): HTMLElement {
  const email = field('Email address', { type: 'email', name: 'email', autocomplete: 'username' });
  const password = field('Password', { type: 'password', name: 'password', autocomplete: 'current-password' });
  const problem = h('p', { class: 'problem', role: 'alert' });
  const button = h('button', { type: 'submit', class: 'button primary large' }, 'Log in');
  const form = h('form', { method: 'post' }, problem, ...email.parts, ...password.parts, button);

  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    button.disabled = true;
    problem.textContent = '';
    try {
      const body = {
        identifiers: { email_address: email.input.value.trim() },
        validators: { password: password.input.value },
      };
      await answered(api.POST('/v3/admin/login', { body }));
      onDone();
    } catch (error) {
      problem.textContent = error instanceof ApiError ? error.message : String(error);
      password.input.value = '';
      password.input.focus();
    } finally {
      button.disabled = false;
    }
  });

  return h(
    'div',
    { class: 'split' },
    h(
      'main',
      {},
      h('img', { src: '/logo.svg', alt: 'Egress', width: '118', height: '32' }),
      h('div', {}, h('h1', {}, 'Log in'), h('p', { class: 'lead' }, notice), form),
      h('p', { class: 'foot' }, h('a', { href: '/docs/api/' }, 'API reference')),
    ),
    h('aside', {}, picture()),
  );
}

function field(label: string, attributes: Record<string, string>) {
  const id = `login-${attributes.name}`;
  const input = h('input', { ...attributes, id, required: '' });
  return { input, parts: [h('label', { for: id }, label), input] };
}
