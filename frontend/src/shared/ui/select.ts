// A file of its own, so that SelectField can load it.
export { Select } from '@mantine/core';
