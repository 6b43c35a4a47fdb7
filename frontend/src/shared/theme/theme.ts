import { createTheme } from '@mantine/core';
import type { FocusEvent, KeyboardEvent } from 'react';
import classes from './controls.module.css';
import { values } from './values';

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

/** The design as a Mantine theme: its values, and what each component has by default. */
export const theme = createTheme({
  ...values,
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
    Tooltip: {
      // Renders inside the page's landmark, like its target.
      defaultProps: () => ({
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

/** The storage key of the colour scheme. start.js reads it before the first paint. */
export const colorSchemeKey = 'egress-color-scheme';
