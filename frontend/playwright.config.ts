import { defineConfig, devices } from '@playwright/test';

// Against the real binary in a real Chromium. Playwright's own browsers are not downloaded.
export default defineConfig({
  testDir: 'e2e',
  outputDir: 'test-results',
  fullyParallel: true,
  workers: 2, // each test starts a server of its own; see e2e/egress.ts
  forbidOnly: Boolean(process.env.CI),
  retries: 0, // a test that fails sometimes has found something
  timeout: 900_000, // not a limit of speed: a busy machine only takes longer
  expect: { timeout: 180_000 },
  reporter: 'list',
  use: {
    ...devices['Desktop Chrome'],
    acceptDownloads: true,
    trace: 'retain-on-failure',
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: [
        '--headless',
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
});
