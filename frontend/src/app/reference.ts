import '@/shared/theme/fonts.css';
import '@/shared/theme/tokens.css';
import '@/shared/theme/base.css';
import './reference.css';

// The page is complete without this script, which adds the search and opens what an address names.

const operations = [...document.querySelectorAll<HTMLDetailsElement>('details.operation')];
const texts = new Map(operations.map((one) => [one, one.querySelector('summary')?.textContent?.toLowerCase() ?? '']));
const input = document.querySelector<HTMLInputElement>('#find');
const found = document.querySelector('#found');

function find(): void {
  const words = input?.value.toLowerCase().split(/\s+/).filter(Boolean) ?? [];
  const shown = operations.filter((one) => words.every((word) => texts.get(one)?.includes(word)));
  for (const one of operations) one.hidden = !shown.includes(one);
  for (const section of document.querySelectorAll<HTMLElement>('main > section:not(#introduction)')) {
    const own = section.querySelectorAll('details.operation');
    section.hidden = words.length > 0 && [...own].every((one) => (one as HTMLElement).hidden);
  }
  // The title of the page stays.
  for (const one of document.querySelectorAll<HTMLElement>('#introduction > :not(h1)')) one.hidden = words.length > 0;
  if (found) found.textContent = words.length > 0 ? `${shown.length} of ${operations.length} operations` : '';
}

// Addresses of the former reference had the form "#/Exports/createUserExportJob".
function openAddressed(): void {
  const id = decodeURIComponent(location.hash.slice(1)).split('/').at(-1);
  const target = id ? document.getElementById(id) : null;
  if (!target) return;
  if (target.closest('[hidden]') && input) {
    input.value = '';
    find();
  }
  if (target instanceof HTMLDetailsElement) target.open = true;
  target.scrollIntoView();
}

input?.addEventListener('input', find);
addEventListener('hashchange', openAddressed);
openAddressed();
