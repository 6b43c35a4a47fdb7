/** A promise that a test resolves: an answer that waits for it is late. */
export interface Gate {
  opened: Promise<void>;
  open: () => void;
}

/** Returns a closed gate. */
export function gate(): Gate {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}
