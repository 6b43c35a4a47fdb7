import type { Grant, UserSchema } from '@/shared/api/client';
import { day } from '@/shared/ui/format';

type Products = UserSchema['products'];

/** One subscription in a word, and how many more there are. */
export interface Summary {
  product: string;
  state: string;
  more: number;
}

const order = ['active', 'pending', 'expired'];

/** Sorts subscriptions: active, pending, expired; in each the one that ends last is first, and one without an end before it. */
export function sorted(grants: readonly Grant[]): Grant[] {
  return [...grants].sort(
    (a, b) => rank(a) - rank(b) || ends(b) - ends(a) || (a.grantId < b.grantId ? -1 : a.grantId > b.grantId ? 1 : 0),
  );
}

function rank({ expiry_state }: Grant): number {
  const at = order.indexOf(expiry_state);
  return at < 0 ? order.length : at;
}

// A number beyond all dates instead of infinity: the difference of two infinities would be no number.
function ends({ endTime }: Grant): number {
  return endTime === null ? Number.MAX_SAFE_INTEGER : Date.parse(endTime);
}

/** Sums up what a user holds: the subscription that tells most, and how many others. Null for none. */
export function summary(grants: readonly Grant[], products: Products): Summary | null {
  const [first] = sorted(grants);
  if (!first) return null;
  return { product: productOf(first, products), state: first.expiry_state, more: grants.length - 1 };
}

/** The product's label; its id, or what the subscription entitles to, where that is not known. */
export function productOf({ product_id, entitlement_id }: Grant, products: Products): string {
  return products.find(({ id }) => id === product_id)?.label || product_id || entitlement_id || 'Subscription';
}

/** When it runs: "22 May 2025 – 22 May 2026". */
export function periodOf({ startTime, endTime }: Pick<Grant, 'startTime' | 'endTime'>, zone?: string): string {
  if (startTime && endTime) return `${day(startTime, zone)} – ${day(endTime, zone)}`;
  if (startTime) return `from ${day(startTime, zone)}, no end`;
  if (endTime) return `until ${day(endTime, zone)}`;
  return 'no dates';
}
