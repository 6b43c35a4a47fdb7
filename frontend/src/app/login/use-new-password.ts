import { type RefObject, useRef, useState } from 'react';
import { ApiError } from '@/api/client';
import { refusalOf } from '@/shared/passwords/verdict';

interface NewPassword {
  value: string;
  /** Checks the password by the rules of the server. A refused one gets the focus and the reason. */
  accepted: () => Promise<boolean>;
  /** The server refused the password. The field shows the reason. */
  refused: boolean;
  /** The props of `NewPasswordField`. */
  field: {
    ref: RefObject<HTMLInputElement | null>;
    about: readonly string[];
    value: string;
    error: string | null;
    onChange: (value: string) => void;
  };
}

/** Keeps the new password of a form. `about` lists words that it must not consist of, `call` sends it. */
export function useNewPassword(
  about: readonly string[],
  call: { error: Error | null; reset: () => void },
): NewPassword {
  const [value, setValue] = useState('');
  const [refusal, setRefusal] = useState<string | null>(null);
  const ref = useRef<HTMLInputElement>(null);
  const asking = useRef(false); // a second Enter during the check sends nothing
  const { error, reset } = call;
  const refused = error instanceof ApiError && error.problem.field === 'password';
  return {
    value,
    accepted: async () => {
      if (asking.current) return false;
      asking.current = true;
      const why = await refusalOf(value, about);
      asking.current = false;
      setRefusal(why);
      if (why) ref.current?.focus();
      return !why;
    },
    refused,
    field: {
      ref,
      about,
      value,
      error: refusal ?? (refused ? error.message : null),
      onChange: (typed) => {
        setValue(typed);
        setRefusal(null);
        if (refused) reset();
      },
    },
  };
}
