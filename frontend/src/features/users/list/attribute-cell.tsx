import type { Field } from '@/api/client';
import { attributeOf } from '../user/attributes';
import { CellText } from './cell-text';

/** An attribute of a type that has a form of its own, such as a date. */
export function AttributeCell({ field, value }: { field: Field; value: unknown }) {
  return <CellText text={attributeOf(field, value).text ?? ''} />;
}
