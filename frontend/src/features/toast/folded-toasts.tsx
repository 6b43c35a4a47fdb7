import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { Stack } from './stack';
import classes from './toast-stack.module.css';

interface Props {
  stack: Stack;
  onDismissAll: () => void;
}

/** FoldedToasts counts the exports without a card: a link to the list of exports, and "Dismiss all". */
export function FoldedToasts({ stack: { folded, moreLive, shown }, onDismissAll }: Props) {
  const tenant = folded?.tenant ?? shown[0]?.tenant;
  if (tenant === undefined || (folded === null && moreLive === 0)) return null;
  const text = [moreLive > 0 && `${moreLive} more running`, folded?.title].filter(Boolean).join(', ');
  return (
    <div className={classes.folded}>
      <Link to="/t/$tenant/exports" params={{ tenant }}>
        {text}
      </Link>
      {folded && (
        <Button size="xs" variant="subtle" onClick={onDismissAll}>
          Dismiss all
        </Button>
      )}
    </div>
  );
}
