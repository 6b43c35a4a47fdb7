/** The props of an input of a rule. */
export interface ValueProps {
  'aria-label': string;
  value: string;
  onChange: (value: string) => void;
  placeholder?: string | undefined;
  error?: string;
  errorProps?: { hidden: boolean };
  'data-autofocus'?: true | undefined;
}
