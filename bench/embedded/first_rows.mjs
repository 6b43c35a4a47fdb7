// Measures how long the users page takes in Chromium, from the start of the navigation to the first row of
// the table. It prints the milliseconds of each warm load as a JSON array.
//
// Arguments: the URL of the server, the tenant, the e-mail address, the number of loads. The password is on
// the standard input, where other users of the machine cannot see it.
import { readFileSync } from 'node:fs';
import { chromium } from '@playwright/test';

const [url, tenant, email, loads] = process.argv.slice(2);
const password = readFileSync(0, 'utf8').trim();
const page = `${url}/t/${tenant}/users`;
const row = 'table tbody tr td';

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu'],
});
try {
  const tab = await browser.newPage({ reducedMotion: 'reduce' });
  await tab.addInitScript((first) => {
    new MutationObserver((_, observer) => {
      if (!document.querySelector(first)?.textContent) return;
      observer.disconnect();
      requestAnimationFrame(() => {
        const painted = new MessageChannel(); // its message arrives after the frame
        painted.port1.onmessage = () => {
          globalThis.firstRow = performance.now();
        };
        painted.port2.postMessage(null);
      });
    }).observe(document, { childList: true, subtree: true, characterData: true });
  }, row);
  await tab.goto(page);
  await tab.getByLabel('Email address').fill(email);
  await tab.getByLabel('Password', { exact: true }).fill(password);
  await tab.getByRole('button', { name: 'Log in' }).click();
  await tab.locator(row).first().waitFor();

  const times = [];
  for (let n = 0; n < Number(loads); n++) {
    await tab.goto(page, { waitUntil: 'commit' });
    const handle = await tab.waitForFunction(() => globalThis.firstRow);
    times.push(Math.round(await handle.jsonValue()));
  }
  console.log(JSON.stringify(times));
} finally {
  await browser.close();
}
