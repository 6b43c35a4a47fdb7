/** A ref for the result of a form: it gets the focus of the form that it replaces. */
export const focusResult = (result: HTMLElement | null) => result?.focus();
