import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';
import { budget } from './frontend/build/budget.ts';
import { componentStyles } from './frontend/build/component-styles.ts';
import { documents } from './frontend/build/documents.ts';
import { fonts } from './frontend/build/fonts.ts';
import { licences } from './frontend/build/licences.ts';
import { precompress } from './frontend/build/precompress.ts';
import { reference } from './frontend/build/reference/plugin.ts';
import { start } from './frontend/build/start.ts';
import { themeVariables } from './frontend/build/theme-variables.ts';

const frontend = (path: string) => fileURLToPath(new URL(`./frontend/${path}`, import.meta.url));

// Where `make dev` finds the server. The Host header is passed on unchanged, so the server's same-origin rules hold.
const server = process.env.EGRESS_DEV_SERVER ?? 'http://127.0.0.1:8080';

// Every page loads the files "react" and "base", every page of the console also "frame"; pages with lists load "lists", and
// those that search a list or show a filter in words load "words". The pages before the log-in load "forms" instead, and
// never "frame". What opens is loaded by its first press: dialogs and drawers share "overlays", menus and lists "popovers",
// calendars "dates". Text compresses better in large files, and each file costs a request: browsers have six connections.
const renderer = anyOf(/\/node_modules\/react-dom\//); // and what it imports
const base = anyOf(
  /\/@mantine\/core\/(?:esm\/core\/|styles\.layer\.css$)/,
  /\/@mantine\/.*\/(?:use-color-scheme|use-callback-ref|use-merged-ref|use-reduced-motion|use-uncontrolled)\.mjs$/,
  /\/@mantine\/.*\/(?:ActionIcon|Button|CheckIcon|InputBase|Loader|Skeleton|TextInput|Transition|UnstyledButton|VisuallyHidden|to-int)\.mjs$/,
  /\/@tabler\/icons-react\/.*\/(?:createReactComponent|defaultAttributes)\.mjs$/,
  /\/node_modules\/openapi-fetch\//,
  /\/@tanstack\/(?:query-core|react-query)\//,
  /\/src\/api\/(?:account|asked|client|confirmation|keys|last-tenant|me|query-client|reach|session)\.ts$/,
  /\/src\/shared\/(?:first-paint\.ts|open-page\.ts|own\.ts|ui\/(?:brand|format|page-skeleton|row-picture|states|title|wanted)\.tsx?)$/,
  /\/src\/app\/(?:login\/return\.ts|providers\.tsx|root\.module\.css)$|\/src\/shared\/theme\/|vite\/preload-helper/,
);
const forms = anyOf(
  /\/@mantine\/.*\/(?:PasswordInput|use-debounced-value)\.mjs$/,
  /\/src\/shared\/passwords\/new-password-field\./,
  /\/src\/app\/login\/(?:focus-result|form-problem|login-form|login\.module|picture|split)\.(?:css|tsx?)$/,
  /\/src\/shared\/ui\/use-wait\.ts$/,
);
const inputs = anyOf(
  /\/@mantine\/.*\/(?:Checkbox|CheckboxGroup|CheckboxCard|CheckboxIndicator|InlineInput|use-checkbox\w*)\.mjs$/,
);
const frame = anyOf(
  /\/@tanstack\/(?!query-core|react-query)|\/@tanstack\/.*\/(?:infinite\w*|queriesObserver|useInfiniteQuery|useQueries)\.js$/,
  /\/use-sync-external-store\//,
  /\/@mantine\/.*\/(?:CopyButton|FocusTrap|Kbd|OptionalPortal|Overlay|get-transition-props|use-debounced-callback|use-focus-return)\.mjs$/,
  /\/@tabler\/icons-react\/.*\/Icon(?:AlertTriangle|Check|ChevronDown|ChevronRight|ChevronUp|CircleCheck|CircleDashed|Copy|Database|DeviceDesktop|Download|Plus|X)\.mjs$/,
  /\/src\/jobs\/(?!copy-command)[^.]*\.tsx?$|\/src\/downloads\/sink\.ts$/,
  /\/src\/api\/(?:export-days|features|figures|stores|user-schema|users)\.ts$/,
  /\/src\/app\/frame\/(?:account|bare-frame|crash-page|frame|navigation-panel)\.tsx$/,
  /\/src\/shared\/ui\/(?:bar-plot|copy|page|relative-time|select-field|time|use-now)(?:\.module\.css|\.tsx?)$/,
);
const words = anyOf(
  /\/src\/filter\/(?:date-words|fields|filter|phrase|relative|words)\.ts$/,
  /\/src\/shared\/ui\/(?:list-search|dates\/(?:calendar-button|date-input|date-text|day-input|spans|typed-date))\./,
  /\/src\/features\/users\/(?:load-users|toolbar\/use-export-barrier|view\/view)\.ts$/,
);
const overlays = anyOf(
  /\/@mantine\/.*\/(?:Drawer|Modal|ModalBase|NativeScrollArea)\//,
  /\/src\/shared\/ui\/(?:dialog|secret-dialog\/secret-modal)\./,
);
const popovers = anyOf(
  /\/node_modules\/@floating-ui\//,
  /\/@mantine\/.*\/(?:Combobox|Menu|Popover|ScrollArea|Select|Tooltip|use-combobox)\.mjs$/,
);
const lists = anyOf(
  /\/@tabler\/icons-react\/.*\/Icon(?:Pencil|ShieldLock)\.mjs$/,
  /\/@mantine\/.*\/Progress\//,
  /\/src\/features\/exports\/(?:actions\/(?!opened)|text\/)/,
  /\/src\/downloads\/(?:chosen|picker|queries|start)\.ts$/,
  /\/src\/shared\/ui\/(?:cell-bar|lede|list-table|question|save-text|secret-dialog\/(?:secret-(?:dialog|form|notice|shown)|use-dialog)|request-id|stale-line|use-focus-after|use-focus-return|user-agent|whole-list)(?:\.module\.css|\.tsx?)$/,
);
const dates = anyOf(/\/@mantine\/dates\//, /\/dayjs\//, /\/src\/shared\/ui\/dates\/calendar\./);

function anyOf(...patterns: RegExp[]): (id: string) => boolean {
  return (id) => patterns.some((pattern) => pattern.test(id));
}

export default defineConfig({
  root: frontend(''),
  cacheDir: frontend('../node_modules/.vite'),
  resolve: { alias: { '@': frontend('src') } },
  plugins: [
    react(),
    start(),
    reference(),
    licences(),
    themeVariables(),
    componentStyles(),
    fonts(),
    budget(),
    documents(),
    precompress(),
  ],
  build: {
    outDir: frontend('dist'),
    emptyOutDir: true,
    target: 'es2022',
    // The content security policy allows no data: fonts or scripts, so nothing is inlined.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      checks: { pluginTimings: false }, // compressing takes a while, as it should
      output: {
        codeSplitting: {
          groups: [
            { name: 'react', test: renderer, priority: 6 },
            { name: 'base', test: (id) => base(id) && !frame(id), priority: 5 },
            { name: 'forms', test: forms, priority: 4 },
            { name: 'inputs', test: inputs, priority: 4 },
            { name: 'frame', test: frame, priority: 4 },
            { name: 'words', test: words, priority: 3 },
            { name: 'popovers', test: popovers, priority: 4 },
            { name: 'dates', test: dates, priority: 2 },
            { name: 'overlays', test: overlays, priority: 2 },
            { name: 'lists', test: lists, priority: 3 },
          ],
        },
      },
      input: {
        console: frontend('index.html'),
        login: frontend('login.html'),
        reference: frontend('docs/api/index.html'),
      },
    },
  },
  server: {
    proxy: {
      '/v3': server,
      '/v4': server,
      '/healthz': server,
      '/readyz': server,
      '/ws': { target: server, ws: true },
    },
  },
  test: {
    // One process for all files of a project: loading React, Mantine and jsdom for each file cost more than the
    // tests. shared/testing/fresh.ts gives each file its own copy of our modules.
    isolate: false,
    // ms; not limits of speed: a busy machine only takes longer.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 60_000 } },
    projects: [
      {
        extends: true,
        test: {
          name: 'pure',
          include: ['src/**/*.test.ts', 'build/**/*.test.ts'],
          environment: 'node',
          setupFiles: ['src/shared/testing/fresh.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'screen',
          include: ['src/**/*.test.tsx'],
          environment: 'jsdom',
          setupFiles: ['src/shared/testing/fresh.ts', 'src/shared/testing/setup.ts'],
        },
      },
    ],
  },
});
