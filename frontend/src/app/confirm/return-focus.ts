/**
 * Returns the focus to the opener, unless another element has the focus. An opener that is
 * disabled while its request runs gets the focus when it is enabled again.
 */
export function returnFocus(opener: Element | null): void {
  if (!(opener instanceof HTMLElement) || opener === document.body) return;
  const give = () => {
    const now = document.activeElement;
    const free = !now || now === document.body || now.closest('[data-confirmation]') !== null;
    if (opener.isConnected && free) opener.focus({ preventScroll: true });
  };
  // After the dialog has released its focus trap.
  setTimeout(() => {
    if (!opener.matches(':disabled')) return give();
    const observer = new MutationObserver(() => {
      if (opener.matches(':disabled')) return;
      observer.disconnect();
      give();
    });
    observer.observe(opener, { attributeFilter: ['disabled'] });
  });
}
