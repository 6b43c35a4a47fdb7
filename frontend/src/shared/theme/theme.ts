import { type CSSVariablesResolver, createTheme, rem } from '@mantine/core';
import type { FocusEvent, KeyboardEvent } from 'react';
import classes from './controls.module.css';

const overlay = { color: 'var(--overlay)', backgroundOpacity: 1, blur: 0 };

// A Select puts the caret at the end of its text when it gets the focus. What the user types must replace the text.
function selectText({ currentTarget }: FocusEvent<HTMLInputElement>) {
  if (!currentTarget.readOnly) currentTarget.select();
}

// A Select forgets which option it highlights when the list opens after the first letter: it looks for the selected
// option later, which the filtered list does not contain. Enter then did nothing.
function takeHighlighted({ key, nativeEvent, currentTarget }: KeyboardEvent<HTMLInputElement>) {
  if (key !== 'Enter' || nativeEvent.isComposing || currentTarget.ariaExpanded !== 'true') return;
  const list = document.getElementById(currentTarget.getAttribute('aria-controls') ?? '');
  list?.querySelector<HTMLElement>('[data-combobox-selected]')?.click();
}

// The classes of a list of options. Mantine does not give those of Combobox to the inputs that are built with it.
const list = { dropdown: classes.dropdown ?? '', options: classes.list ?? '', option: classes.item ?? '' };

/**
 * The design as a Mantine theme. Colours come from the tokens. Sizes are in rem, so that they
 * follow the text size.
 */
export const theme = createTheme({
  primaryColor: 'exit',
  primaryShade: { light: 7, dark: 5 },
  autoContrast: true,
  black: '#15201b',
  colors: {
    exit: [
      '#effaf4',
      '#dbf4e6',
      '#bde9d0',
      '#99dab8',
      '#63d09c',
      '#46be87',
      '#1c9566',
      '#0a7b52',
      '#066543',
      '#074e33',
    ],
  },
  fontFamily: 'var(--font)',
  fontFamilyMonospace: 'var(--mono)',
  defaultRadius: 'sm',
  cursorType: 'pointer',
  respectReducedMotion: true,
  fontWeights: { regular: '400', medium: '500', bold: '600' },
  headings: { fontWeight: '600' },
  fontSizes: { xs: rem(12), sm: rem(13), md: rem(14), lg: rem(15), xl: rem(20) },
  spacing: { xs: rem(8), sm: rem(12), md: rem(16), lg: rem(20), xl: rem(28) },
  radius: { xs: rem(4), sm: rem(6), md: rem(8), lg: rem(12), xl: rem(12) },
  components: {
    // Plain objects instead of `X.extend`, which would load every control with the first page.
    // Buttons are quiet by default. The one accented button of a page has variant="filled".
    Button: {
      defaultProps: { size: 'sm', variant: 'default' },
      classNames: { root: classes.button ?? '', section: classes.section ?? '' },
    },
    ActionIcon: {
      defaultProps: { size: 'sm', variant: 'subtle', color: 'gray' },
      classNames: { root: classes.action ?? '' },
    },
    Input: {
      defaultProps: { size: 'sm' },
      classNames: { wrapper: classes.field ?? '', input: classes.input ?? '' },
    },
    InputWrapper: {
      defaultProps: { size: 'sm' },
      classNames: { label: classes.label ?? '', error: classes.error ?? '' },
    },
    TextInput: { defaultProps: { size: 'sm' } },
    PasswordInput: { defaultProps: { size: 'sm' }, classNames: { visibilityToggle: classes.eye ?? '' } },
    NumberInput: { defaultProps: { size: 'sm' } },
    // Long lists scroll themselves: Mantine's element around the options is one that no key reaches.
    Select: {
      defaultProps: {
        size: 'sm',
        checkIconPosition: 'right',
        withScrollArea: false,
        onFocus: selectText,
        onKeyDown: takeHighlighted,
      },
      classNames: list,
    },
    MultiSelect: { defaultProps: { size: 'sm', withScrollArea: false }, classNames: list },
    Autocomplete: { defaultProps: { withScrollArea: false }, classNames: list },
    TagsInput: { defaultProps: { withScrollArea: false }, classNames: list },
    Checkbox: { defaultProps: { size: 'xs' }, classNames: { input: classes.checkbox ?? '' } },
    CheckboxIndicator: {
      defaultProps: { size: 'xs' },
      classNames: { indicator: classes.checkbox ?? '' },
    },
    SegmentedControl: {
      defaultProps: { size: 'sm' },
      classNames: {
        root: classes.segments ?? '',
        indicator: classes.segment ?? '',
        label: classes.segmentLabel ?? '',
      },
    },
    Badge: { defaultProps: { variant: 'default', size: 'md' } },
    Table: {
      defaultProps: { highlightOnHover: true, verticalSpacing: 0, highlightOnHoverColor: 'var(--hover)' },
    },
    Tooltip: {
      // Renders inside the page's landmark, like its target.
      defaultProps: () => ({
        openDelay: 300,
        events: { hover: true, focus: true, touch: false },
        portalProps: { target: document.querySelector('main') ?? document.body },
      }),
      classNames: { tooltip: classes.tooltip ?? '' },
    },
    Popover: {
      // Lists and calendars render inside the page's landmark, not after all landmarks.
      defaultProps: () => ({ shadow: 'md', portalProps: { target: document.querySelector('main') ?? document.body } }),
      classNames: { dropdown: classes.dropdown ?? '' },
    },
    Menu: {
      // Without the placeholder, which would take the focus and say nothing.
      defaultProps: { shadow: 'md', withInitialFocusPlaceholder: false },
      classNames: { dropdown: classes.dropdown ?? '', item: classes.item ?? '' },
    },
    Combobox: { classNames: list },
    Modal: {
      defaultProps: { centered: true, padding: 0, radius: 'lg', overlayProps: overlay, shadow: 'xl' },
      classNames: { content: classes.floating ?? '' },
    },
    Drawer: {
      defaultProps: { position: 'right', size: 720, padding: 0, overlayProps: overlay, shadow: 'xl' },
      classNames: { content: classes.floating ?? '' },
    },
    Skeleton: { defaultProps: { radius: 'xs' }, classNames: { root: classes.skeleton ?? '' } },
  },
});

const tokens = {
  '--mantine-color-body': 'var(--canvas)',
  '--mantine-color-text': 'var(--text)',
  '--mantine-color-dimmed': 'var(--text-2)',
  '--mantine-color-placeholder': 'var(--text-3)',
  '--mantine-color-anchor': 'var(--accent-text)',
  '--mantine-color-default': 'var(--button)',
  '--mantine-color-default-hover': 'var(--hover)',
  '--mantine-color-default-color': 'var(--text)',
  '--mantine-color-default-border': 'var(--line-strong)',
  '--mantine-color-error': 'var(--fail)',
  '--mantine-color-disabled': 'var(--hover)',
  '--mantine-color-disabled-color': 'var(--text-off)',
  '--mantine-color-disabled-border': 'var(--line)',
  '--mantine-primary-color-filled': 'var(--accent)',
  '--mantine-primary-color-filled-hover': 'var(--accent-hover)',
  '--mantine-primary-color-contrast': 'var(--on-accent)',
  '--mantine-color-exit-filled': 'var(--accent)',
  '--mantine-color-exit-filled-hover': 'var(--accent-hover)',
  '--mantine-shadow-md': 'var(--shadow-menu)',
  '--mantine-shadow-xl': 'var(--shadow-dialog)',
};

/** Maps Mantine's variables to the tokens, which follow the colour scheme. */
export const cssVariablesResolver: CSSVariablesResolver = () => ({ variables: {}, light: tokens, dark: tokens });

/** The storage key of the colour scheme. theme.js reads it before the first paint. */
export const colorSchemeKey = 'egress-color-scheme';
