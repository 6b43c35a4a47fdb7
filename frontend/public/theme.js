// Runs before the first paint, so that nobody in dark mode sees a white flash. The tokens answer to the attribute; the
// console's theme toggle writes the choice, and this page's own choice follows that of other tabs.
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
