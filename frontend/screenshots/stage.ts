import { readFile } from 'node:fs/promises';
import type { Browser, Page } from '@playwright/test';

/** The size of a tab on the stage, in pixels. */
export const tabSize = { width: 640, height: 560 };

const gap = 12;
const strip = 36;
const size = { width: 2 * tabSize.width + 3 * gap, height: tabSize.height + strip + 2 * gap };

// What the browser draws around a page: the tab with its icon and title.
const frame = `<figure><figcaption><span><img class="icon" alt=""><b></b></span></figcaption><img class="view" alt=""></figure>`;
const css = `
  body { display: flex; gap: ${gap}px; margin: 0; padding: ${gap}px; background: #d5dcd8; }
  figure { margin: 0; overflow: hidden; width: ${tabSize.width}px; border-radius: 10px; background: #e9eeeb; }
  figcaption { display: flex; align-items: end; height: ${strip}px; padding-inline: 10px; }
  span { display: flex; align-items: center; gap: 8px; width: 330px; height: 28px; padding-inline: 10px; border-radius: 8px 8px 0 0; background: #f3f6f4; }
  b { overflow: hidden; color: #26312c; font: 500 12px/1.4 Inter, sans-serif; white-space: nowrap; text-overflow: ellipsis; }
  img { display: block; }
  .icon { width: 16px; height: 16px; }
  .view { width: ${tabSize.width}px; height: ${tabSize.height}px; }`;

/** A page that shows two tabs next to each other. */
export interface Stage {
  /** Returns a PNG of both tabs as they are now. */
  shoot: (tabs: readonly Page[]) => Promise<Buffer>;
  close: () => Promise<void>;
}

/** Opens the stage. It is a page of its own, which loads nothing. */
export async function openStage(browser: Browser): Promise<Stage> {
  const page = await browser.newPage({ viewport: size, deviceScaleFactor: 1, colorScheme: 'light' });
  await page.setContent(`<style>${css}</style>${frame.repeat(2)}`);
  const shoot = async (tabs: readonly Page[]) => {
    const shown = await Promise.all(tabs.map(show));
    // The script is text: TypeScript compiles these files for Node, which has no document.
    await page.evaluate(`Promise.all(${JSON.stringify(shown)}.map(async ({ title, icon, view }, i) => {
      const figure = document.querySelectorAll('figure')[i];
      figure.querySelector('b').textContent = title;
      figure.querySelector('.icon').src = icon;
      figure.querySelector('.view').src = view;
      await Promise.all([...figure.querySelectorAll('img')].map((image) => image.decode()));
    }))`);
    return page.screenshot();
  };
  return { shoot, close: () => page.close() };
}

async function show(tab: Page): Promise<{ title: string; icon: string; view: string }> {
  const view = await tab.screenshot({ animations: 'disabled', caret: 'hide' });
  const icon = (await tab.locator('link[rel="icon"]').getAttribute('href')) ?? '';
  return { title: await tab.title(), icon: await asData(icon), view: dataUrl('image/png', view) };
}

// The icon at rest is read from its source: the server may be paused while a frame is taken.
async function asData(href: string): Promise<string> {
  if (href.startsWith('data:')) return href;
  return dataUrl('image/svg+xml', await readFile(new URL('../public/favicon.svg', import.meta.url)));
}

const dataUrl = (type: string, body: Buffer) => `data:${type};base64,${body.toString('base64')}`;
