import { useLocation, useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';

/**
 * Returns the secret after # in the address of the page; "" without one. The hook removes it from
 * the address bar and the history. It is sent to the server in request bodies only.
 */
export function useHashToken(): string {
  const hash = useLocation({ select: (location) => location.hash });
  const navigate = useNavigate();
  const [token, setToken] = useState(hash);
  if (hash && hash !== token) setToken(hash); // another link was opened in this tab
  useEffect(() => {
    if (hash) void navigate({ to: '.', hash: '', replace: true });
  }, [hash, navigate]);
  return token;
}
