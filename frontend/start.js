// Runs in the head of every page, before anything else: the build puts it there (build/start.ts).

// The colour scheme, before the first paint, so that nobody in dark mode sees a white flash. The tokens answer to the
// attribute; the console's theme toggle writes the choice, and this page's own choice follows that of other tabs.
(() => {
  const key = 'egress-color-scheme';
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const chosen = () => {
    try {
      return localStorage.getItem(key);
    } catch {
      return null; // storage is forbidden: follow the system
    }
  };
  const apply = () => {
    const choice = chosen();
    const scheme = choice === 'light' || choice === 'dark' ? choice : dark.matches ? 'dark' : 'light';
    document.documentElement.dataset.mantineColorScheme = scheme;
  };
  dark.addEventListener('change', apply);
  addEventListener('storage', (event) => {
    if (event.key === key) apply();
  });
  apply();
})();

// The first requests of the screen, while its scripts load. The document names them: `data-own` those of the admin,
// `data-asks` those of the tenant in the address (frontend/build/screens.ts). The client of the API takes the answers
// (src/api/asked.ts) instead of asking again.
(() => {
  const { own, asks } = document.currentScript.dataset;
  const { pathname, search } = location;
  const [, tenant] = /^\/t\/([^/]+)/.exec(pathname) ?? [];
  const mayHaveSession = () => {
    try {
      return localStorage.getItem('egress-session') !== null; // src/api/session.ts
    } catch {
      return true; // storage is forbidden
    }
  };
  if ((!own && !asks) || !mayHaveSession()) return;
  const last = pathname.split('/').pop();
  const zone = () => encodeURIComponent(Intl.DateTimeFormat().resolvedOptions().timeZone);
  const asked = [];
  const ask = (names, headers) => {
    for (const name of names?.split(' ') ?? []) {
      // Parameters are those of the screen without a filter.
      if (name.includes('?') && search) continue;
      const url = location.origin + name.replace('*', () => last).replace('{timeZone}', zone);
      const answer = fetch(url, { headers: { 'X-Requested-With': 'egress', ...headers } });
      answer.catch(() => {}); // whoever takes it hears of the failure
      asked.push({ url, tenant: headers['Egress-Tenant'] ?? null, answer });
    }
  };
  window.egressAsked = asked;
  ask(own, {});
  try {
    if (tenant) ask(asks, { 'Egress-Tenant': decodeURIComponent(tenant) });
  } catch {
    // No tenant has such a name. The console says so.
  }
})();
