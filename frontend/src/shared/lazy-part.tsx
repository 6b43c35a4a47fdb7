import { type ComponentType, type FunctionComponent, useEffect, useState } from 'react';
import { untilLoaded } from './until-loaded';

/** A component whose code is loaded when it is first shown. */
export type LazyPart<Props extends object> = FunctionComponent<Props> & {
  /** Loads the code before the component is shown. If that fails, showing it loads it again. */
  preload: () => void;
};

interface Options<Props extends object> {
  /** What is shown until the code is loaded; nothing if it is left out. */
  before?: ComponentType<Props>;
  /** Called once, if the code cannot be loaded when the component is shown. */
  failed?: () => void;
}

/**
 * A part of a page whose code is loaded when it is first shown. It does not fail, unlike React's lazy, whose error would
 * replace the page: without a network it appears later. It appears as soon as its code is there; React shows what a
 * Suspense boundary waits for only 300 ms after the boundary's fallback.
 */
export function lazyPart<Props extends object>(
  load: () => Promise<ComponentType<Props>>,
  { before: Before = Nothing, failed }: Options<NoInfer<Props>> = {},
): LazyPart<Props> {
  let part: ComponentType<Props> | undefined;
  let loading: Promise<unknown> | undefined;
  const keep = (loaded: ComponentType<Props>) => {
    part = loaded;
  };
  const shown = () => {
    loading ??= untilLoaded(load, failed).then(keep);
    return loading;
  };

  function Lazy(props: Props) {
    const [Part, setPart] = useState(() => part);
    useEffect(() => {
      if (!Part) void shown().then(() => setPart(() => part));
    }, [Part]);
    return Part ? <Part {...props} /> : <Before {...props} />;
  }
  return Object.assign(Lazy, { preload: () => void load().then(keep, () => {}) });
}

function Nothing() {
  return null;
}
