import { Link } from '@tanstack/react-router';
import type { Membership } from '@/api/client';
import { useTitle } from '@/shared/ui/title';
import classes from './choose-tenant-page.module.css';
import { initials, roleNames } from './frame/initials';

/** Asks an admin of several tenants which one to open, if this browser remembers none. */
export function ChooseTenantPage({ tenants }: { tenants: readonly Membership[] }) {
  useTitle('Choose a tenant');
  return (
    <section className={classes.page}>
      <h1>Choose a tenant</h1>
      <p>This browser remembers your choice and opens that tenant next time.</p>
      <ul>
        {tenants.map(({ id, name, role }) => (
          <li key={id}>
            <Link to="/t/$tenant/users" params={{ tenant: id }} className={classes.tenant}>
              <span className={classes.square} aria-hidden="true">
                {initials(name)}
              </span>
              <b dir="auto">{name}</b>
              <small>{roleNames[role]}</small>
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}
