import { useEffect, useState } from 'react';

const read = () => location.hash.slice(1);

/**
 * Returns the secret after # in the address of the page; "" without one. The hook removes it from
 * the address bar and the history. It is sent to the server in request bodies only.
 */
export function useHashToken(): string {
  const [token, setToken] = useState(read);
  useEffect(() => {
    const take = () => {
      const found = read();
      if (!found) return;
      setToken(found);
      history.replaceState(null, '', location.pathname + location.search);
    };
    take();
    addEventListener('hashchange', take); // another link was opened in this tab
    return () => removeEventListener('hashchange', take);
  }, []);
  return token;
}
