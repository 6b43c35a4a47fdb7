import { QueryClient } from '@tanstack/react-query';
import { expect, it } from 'vitest';
import { screens } from '../../build/screens';
import { makeRouter } from './routes';

// The addresses that only lead to another one.
const elsewhere = ['/', '/t/*', '/t/*/admins'];

it('knows every screen of the console by its address', () => {
  const { routesByPath } = makeRouter(new QueryClient());
  const addresses = Object.keys(routesByPath).map((path) => path.replace(/\/$/, '').replace(/\$\w+/g, '*') || '/');
  const console = screens.filter(({ entry }) => entry !== 'login').map(({ address }) => address);
  expect(new Set(addresses)).toEqual(new Set([...console, ...elsewhere]));
});
