import { defineConfig, devices } from '@playwright/test';

// Against the real binary in a real Chromium. Playwright's own browsers are not downloaded.
export default defineConfig({
  testDir: 'e2e',
  outputDir: 'test-results',
  fullyParallel: true,
  workers: 3, // on two cores: the tests mostly wait. Each starts a server of its own; see e2e/egress.ts
  forbidOnly: Boolean(process.env.CI),
  retries: 0, // a test that fails sometimes has found something
  timeout: 900_000, // not a limit of speed: a busy machine only takes longer
  expect: { timeout: 180_000 },
  reporter: 'list',
  use: {
    ...devices['Desktop Chrome'],
    acceptDownloads: true,
    // No trace: it takes a picture of every frame, which costs half of the processor's time. `--trace on` records one.
    screenshot: 'only-on-failure',
    contextOptions: { reducedMotion: 'reduce' }, // each frame of an animation is drawn by the processor
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
