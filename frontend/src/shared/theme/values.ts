import { type ConvertCSSVariablesInput, type MantineThemeOverride, rem } from '@mantine/core';

/**
 * The values of the Mantine theme. Colours come from the tokens. Sizes are in rem, so that they follow the text size.
 * A build makes a style sheet of them (frontend/build/theme-variables.ts).
 */
export const values: MantineThemeOverride = {
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
};

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
export const tokenVariables: ConvertCSSVariablesInput = { variables: {}, light: tokens, dark: tokens };
