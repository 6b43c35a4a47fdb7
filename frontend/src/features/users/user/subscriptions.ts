import type { Grant, UserSchema } from '@/api/client';
import { day } from '@/shared/ui/format';

type Products = UserSchema['products'];

/** The first subscription, and the number of further ones. */
export interface Summary {
  product: string;
  state: string;
  more: number;
}

const order = ['active', 'pending', 'expired'];

/** Sorts subscriptions: active, pending, expired; within a state by end, the latest first, those without an end before it. */
export function sorted(grants: readonly Grant[]): Grant[] {
  return [...grants].sort(
    (a, b) => rank(a) - rank(b) || ends(b) - ends(a) || (a.grantId < b.grantId ? -1 : a.grantId > b.grantId ? 1 : 0),
  );
}

function rank({ expiry_state }: Grant): number {
  const at = order.indexOf(expiry_state);
  return at < 0 ? order.length : at;
}

// Returns a number beyond all dates instead of infinity, since the difference of two infinities is
// NaN. A date outside the range of Date is beyond all dates too.
function ends({ endTime }: Grant): number {
  const at = endTime === null ? Number.NaN : Date.parse(endTime);
  if (!Number.isNaN(at)) return at;
  return endTime?.startsWith('-') ? Number.MIN_SAFE_INTEGER : Number.MAX_SAFE_INTEGER;
}

/** Summarizes a user's subscriptions: the first in order, and the number of others. Null for none. */
export function summary(grants: readonly Grant[], products: Products): Summary | null {
  const [first] = sorted(grants);
  if (!first) return null;
  return { product: productOf(first, products), state: first.expiry_state, more: grants.length - 1 };
}

/** Returns the product's label, or else its id, or else the entitlement. */
export function productOf({ product_id, entitlement_id }: Grant, products: Products): string {
  return products.find(({ id }) => id === product_id)?.label || product_id || entitlement_id || 'Subscription';
}

/** Returns the period: "22 May 2025 – 22 May 2026". */
export function periodOf({ startTime, endTime }: Pick<Grant, 'startTime' | 'endTime'>, zone?: string): string {
  if (startTime && endTime) return `${day(startTime, zone)} – ${day(endTime, zone)}`;
  if (startTime) return `from ${day(startTime, zone)}, no end`;
  if (endTime) return `until ${day(endTime, zone)}`;
  return 'no dates';
}
