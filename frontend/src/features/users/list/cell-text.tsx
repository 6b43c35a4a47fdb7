import { clipped } from '@/shared/ui/format';
import classes from './users-table.module.css';

/** The text of a cell. */
export function CellText({ text, className }: { text: string; className?: string | undefined }) {
  if (!text) return <Unknown />;
  return (
    <bdi dir="auto" className={className} title={clipped(text)}>
      {clipped(text)}
    </bdi>
  );
}

/** What a cell without a value shows. */
export function Unknown() {
  return <span className={classes.unknown}>unknown</span>;
}
