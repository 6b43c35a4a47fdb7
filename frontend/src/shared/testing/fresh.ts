import { vi } from 'vitest';

// The test files share one process, and with it the packages in node_modules, which take long to load. Each file
// starts with its own copy of our modules and with an empty browser storage.
vi.resetModules();
if (typeof window !== 'undefined') {
  localStorage.clear();
  sessionStorage.clear();
  history.replaceState(null, '', '/');
}
