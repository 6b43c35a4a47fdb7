import { useEffect } from 'react';

let page = 'Egress';
let status: string | null = null;

function write(): void {
  document.title = status === null ? page : `${status} · ${page}`;
}

/** Sets the page's part of the document's title: "Users · Meridian Press · Egress". */
export function useTitle(title: string): void {
  useEffect(() => {
    page = `${title} · Egress`;
    write();
  }, [title]);
}

/** Puts a status before the page's title: "41% · Users · Meridian Press · Egress". Null removes it. */
export function setTitleStatus(next: string | null): void {
  if (next === status) return;
  status = next;
  write();
}
