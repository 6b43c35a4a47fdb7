import { convertCssVariables, DEFAULT_THEME, defaultCssVariablesResolver, mergeMantineTheme } from '@mantine/core';
import { tokenVariables, values } from './values';

const usual = defaultCssVariablesResolver(DEFAULT_THEME);
const own = defaultCssVariablesResolver(mergeMantineTheme(DEFAULT_THEME, values));

const changed = (part: keyof typeof own) => {
  const before: Record<string, string> = usual[part];
  const all = Object.entries({ ...own[part], ...tokenVariables[part] });
  return Object.fromEntries(all.filter(([name, value]) => before[name] !== value));
};

/** A style sheet with the CSS variables of the theme that differ from Mantine's. Only the build imports this module. */
export const css = convertCssVariables({
  variables: changed('variables'),
  light: changed('light'),
  dark: changed('dark'),
});
