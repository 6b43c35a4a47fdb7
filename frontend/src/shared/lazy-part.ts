import { type ComponentType, lazy } from 'react';
import { untilLoaded } from './until-loaded';

/**
 * A part of a page whose code is loaded when it is first shown. It does not fail, unlike React's lazy, whose error would
 * replace the page: without a network it appears later.
 */
export function lazyPart<Props extends object>(load: () => Promise<ComponentType<Props>>) {
  return lazy(async () => ({ default: await untilLoaded(load) }));
}
