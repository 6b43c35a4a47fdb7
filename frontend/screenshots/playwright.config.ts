import base from '../playwright.config';

// `make screenshots`: no tests of the console, but the pictures of README.md, from the same binary and browser.
export default {
  ...base,
  testDir: '.',
  outputDir: '../test-results/screenshots',
  timeout: 90_000,
  expect: { timeout: 30_000 },
  workers: 1, // a picture of progress needs the processor for itself
  use: {
    ...base.use,
    viewport: { width: 1440, height: 900 },
    deviceScaleFactor: 1,
    locale: 'en-GB',
    timezoneId: 'Etc/UTC',
  },
};
