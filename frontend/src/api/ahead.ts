/**
 * How long data that a route has loaded ahead is new, in ms: longer than a busy machine takes from the answer to the screen,
 * so that the screen does not ask for it again.
 */
export const ahead = 5_000;
