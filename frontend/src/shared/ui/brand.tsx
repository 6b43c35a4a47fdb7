import classes from './brand.module.css';

/** The logo with the name. */
export function Brand({ size = 22 }: { size?: number }) {
  return (
    <span className={classes.brand} data-large={size > 24 || undefined}>
      <Mark size={size} />
      Egress
    </span>
  );
}

/** The logo without the name. It is decoration and hidden from screen readers. */
export function Mark({ size = 22 }: { size?: number }) {
  return (
    <svg className={classes.mark} width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
      <path
        strokeWidth={4}
        strokeLinecap="round"
        strokeLinejoin="round"
        d="M20 6H9a3 3 0 0 0-3 3v14a3 3 0 0 0 3 3h11"
      />
      <rect x={12} y={14} width={8} height={4} rx={1} />
      <rect x={22} y={14} width={9} height={4} rx={1} />
    </svg>
  );
}
