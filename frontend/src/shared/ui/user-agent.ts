// Names by their pattern in a User-Agent, specific ones first, because most browsers also name
// their ancestors.
const browsers: [RegExp, string][] = [
  [/\bEdgA?\/|\bEdgiOS\//, 'Edge'],
  [/\bOPR\/|\bOPiOS\//, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\bVivaldi\//, 'Vivaldi'],
  [/\bFirefox\/|\bFxiOS\//, 'Firefox'],
  [/\bChrom(?:e|ium)\/|\bCriOS\/|\bHeadlessChrome\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
];
const systems: [RegExp, string][] = [
  [/\biPad\b/, 'iPad'],
  [/\biPhone\b|\biPod\b/, 'iPhone'],
  [/\bAndroid\b/, 'Android'],
  [/\bWindows\b/, 'Windows'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bMac OS X\b|\bMacintosh\b/, 'macOS'],
  [/\bLinux\b|\bX11\b/, 'Linux'],
];

/** Formats a User-Agent: "Chrome on Windows", "curl 8.5.0". */
export function deviceName(userAgent: string): string {
  const named = (names: [RegExp, string][]) => names.find(([pattern]) => pattern.test(userAgent))?.[1];
  const browser = named(browsers);
  const system = named(systems);
  if (browser) return system ? `${browser} on ${system}` : browser;
  const [, product, version] = /^([\w.-]+)(?:\/([\w.-]+))?/.exec(userAgent) ?? [];
  if (!product || product === 'Mozilla') return system ? `Unknown browser on ${system}` : 'Unknown browser';
  return version ? `${product} ${version}` : product;
}

/** Reports whether a User-Agent is that of a phone or a tablet. */
export function isHandheld(userAgent: string): boolean {
  return /\biPad\b|\biPhone\b|\biPod\b|\bAndroid\b/.test(userAgent);
}
