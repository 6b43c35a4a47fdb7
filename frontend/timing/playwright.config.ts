import base from '../playwright.config';

// `make bench-console`: no tests, but the times until each screen shows its data, from the same binary and browser.
export default {
  ...base,
  testDir: '.',
  outputDir: '../test-results/timing',
  workers: 1, // nothing else runs meanwhile
  use: { ...base.use, viewport: { width: 1440, height: 900 }, screenshot: 'off' as const },
};
