import type { Me, Role } from '@/api/client';
import classes from './account.module.css';
import { initials, roleNames } from './initials';

/** The content of the account button: initials, name and role. */
export function AccountFace({ me, role }: { me: Me; role: Role | null }) {
  const name = me.name || me.email;
  return (
    <>
      <span className={classes.face} aria-hidden="true">
        {initials(name)}
      </span>
      <span className={classes.who}>
        <b dir="auto">{name}</b>
        <span>{role && roleNames[role]}</span>
      </span>
    </>
  );
}
