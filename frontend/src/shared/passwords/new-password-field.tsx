import { Box, PasswordInput, VisuallyHidden } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import type { Ref } from 'react';
import classes from './new-password-field.module.css';
import { useVerdict, type Verdict } from './verdict';

interface Props {
  value: string;
  onChange: (value: string) => void;
  /**
   * Personal words that the password must not consist of: email address, name, the tenant's name.
   */
  about: readonly string[];
  /**
   * Why `refusalOf` or the server refused the password. The caller clears it on the next change.
   */
  error?: string | null | undefined;
  label?: string;
  name?: string;
  size?: 'sm' | 'md';
  autoFocus?: boolean;
  ref?: Ref<HTMLInputElement>;
}

const pause = 1_000; // ms without typing before the verdict is announced
const levels = [1, 2, 3, 4] as const;

/**
 * A field for a new password, with a meter that shows the server's likely verdict and its reason. The form calls
 * `refusalOf` before it submits, and passes that refusal or the server's as `error`.
 */
export function NewPasswordField({ value, onChange, about, error, label = 'Password', size = 'sm', ...rest }: Props) {
  const verdict = useVerdict(value, about);
  const words = verdict?.words ?? 'Checking';
  return (
    <div>
      <PasswordInput
        name="password"
        {...rest}
        label={label}
        size={size}
        autoComplete="new-password"
        required
        withAsterisk={false}
        inputWrapperOrder={['label', 'input', 'error', 'description']}
        inputContainer={(input) => (
          <>
            {input}
            <Meter label={`${label} strength`} level={verdict?.level ?? 0} words={words} />
          </>
        )}
        description={!error && words}
        error={error}
        errorProps={{ role: 'alert' }}
        aria-invalid={!!error || undefined} // Mantine leaves it out here
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
        visibilityToggleButtonProps={{ 'aria-label': 'Show password', tabIndex: 0 }}
      />
      <Spoken words={value && !error ? words : ''} />
    </div>
  );
}

// A meter of four cells. A <meter> element cannot be styled like that.
function Meter({ label, level, words }: Verdict & { label: string }) {
  return (
    <Box
      role="meter"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={levels.length}
      aria-valuenow={level}
      aria-valuetext={words}
      className={classes.cells}
      data-refused={level === 1 || undefined}
    >
      {levels.map((cell) => (
        <span key={cell} data-filled={cell <= level || undefined} />
      ))}
    </Box>
  );
}

// Announces the verdict after a pause in typing, because an announcement per key would be noise.
function Spoken({ words }: { words: string }) {
  const [settled] = useDebouncedValue(words, pause);
  return <VisuallyHidden role="status">{settled === words ? settled : ''}</VisuallyHidden>;
}
