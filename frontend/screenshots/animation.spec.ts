import { decode } from 'fast-png';
import { encode } from 'modern-gif';
import { expect, logIn, test } from '../e2e/egress';
import { openDialog, toasts } from '../e2e/steps';
import { british, expectExactCount, pause, shownPercent, slowExports, writePicture } from './scene';
import { openStage, tabSize } from './stage';

test.use({ ...slowExports, viewport: tabSize, colorScheme: 'light' });

/** How long each frame with another progress is shown, and the least difference of two of them, in percent. */
const tick = { duration: 180, percent: 5 };

test('an export in two tabs', async ({ page, egress, context, browser }) => {
  await logIn(page, egress);
  const other = await context.newPage();
  const tabs = [page, other] as const;
  for (const tab of tabs) await tab.goto(british);
  for (const tab of tabs) {
    await expect(tab.getByRole('row').nth(5)).toBeVisible();
    await expectExactCount(tab);
  }

  const stage = await openStage(browser);
  const frames: { png: Buffer; delay: number }[] = [];
  const shoot = async (delay: number) => frames.push({ png: await stage.shoot(tabs), delay });

  await shoot(700);
  const dialog = await openDialog(page);
  const button = dialog.getByRole('button', { name: /^Export [\d,]+ users$/ });
  await expect(button).toBeVisible();
  await shoot(1_000);
  await button.click();
  await expect(dialog).toBeHidden();

  // The server rests while a frame is taken, so that a slow machine gets about the same frames as a fast one.
  let last = -tick.percent;
  const next = async () => {
    const resume = pause(egress);
    try {
      const [left, right] = await Promise.all([shownPercent(page), shownPercent(other)]);
      if (left === right && left >= last + tick.percent && left < 100) {
        await shoot(tick.duration);
        last = left;
      }
      return Math.min(left, right);
    } finally {
      resume();
    }
  };
  await expect.poll(next, { intervals: [20], timeout: 60_000 }).toBe(100);
  for (const tab of tabs) await expect(toasts(tab).getByText('Export complete!')).toBeVisible();
  await shoot(1_600);
  await stage.close();

  const length = frames.reduce((sum, { delay }) => sum + delay, 0);
  expect(length, 'milliseconds').toBeLessThanOrEqual(6_000);
  const images = frames.map(({ png, delay }) => ({ ...decode(png), delay }));
  const { width, height } = images[0] ?? { width: 0, height: 0 };
  const gif = await encode({
    width,
    height,
    maxColors: 255,
    frames: images.map(({ data, channels, delay }) => ({ data: opaque(data, channels), width, height, delay })),
  });
  expect(gif.byteLength, 'bytes').toBeLessThan(1_500_000);
  await writePicture('two-tabs.gif', new Uint8Array(gif));
});

// The encoder takes pixels of four channels.
function opaque(data: ArrayLike<number>, channels: number): Uint8ClampedArray<ArrayBuffer> {
  const pixels = new Uint8ClampedArray((data.length / channels) * 4).fill(255);
  for (let i = 0, o = 0; i < data.length; i += channels, o += 4)
    for (let channel = 0; channel < 3; channel++) pixels[o + channel] = data[i + channel] ?? 0;
  return pixels;
}
