import { type Document, type Ref, refName, resolve, type Schema } from './document.ts';
import { escapeHtml, markdown } from './markdown.ts';

const code = (value: unknown) =>
  `<code>${escapeHtml(typeof value === 'string' ? value : JSON.stringify(value))}</code>`;

/** Returns the address of a schema in the page. */
export const schemaId = (name: string) => `schema-${name}`;

/** Renders the type of a schema in words: "array of Job or null". Names link to the schema's section. */
export function typeOf(value: Ref<Schema>): string {
  const name = refName(value);
  if (name) return `<a href="#${schemaId(name)}">${escapeHtml(name)}</a>`;
  const schema = value as Schema;
  return bareType(schema) + (schema.nullable ? ' or null' : '');
}

function bareType(schema: Schema): string {
  if (schema.allOf) return schema.allOf.map(typeOf).join(' and ');
  if (schema.oneOf) return schema.oneOf.map(typeOf).join(' or ');
  if (schema.type === 'array') return `array of ${schema.items ? typeOf(schema.items) : 'any value'}`;
  if (typeof schema.additionalProperties === 'object') return `object of ${typeOf(schema.additionalProperties)}`;
  const format = schema.format ? ` (${escapeHtml(schema.format)})` : '';
  return (schema.type ?? 'any value') + format;
}

/** Renders the limits of a schema: values, default, range, length, pattern. Empty if it has none. */
export function limits(schema: Schema): string {
  const range = (low: number | undefined, high: number | undefined, unit: string) => {
    if (low !== undefined && high !== undefined) return `${low} to ${high}${unit}`;
    if (low !== undefined) return `at least ${low}${unit}`;
    return high === undefined ? undefined : `at most ${high}${unit}`;
  };
  const parts = [
    schema.enum && `One of ${schema.enum.map(code).join(', ')}`,
    schema.default !== undefined && `Default ${code(schema.default)}`,
    range(schema.minimum, schema.maximum, ''),
    range(schema.minLength, schema.maxLength, ' characters'),
    range(undefined, schema.maxItems, ' items'),
    schema.pattern !== undefined && `Pattern ${code(schema.pattern)}`,
  ].filter((part) => typeof part === 'string');
  return parts.length > 0 ? `<p class="limits">${parts.join(' · ')}</p>` : '';
}

/** Renders what the document says about a schema: description, limits, members. */
export function describe(value: Ref<Schema>): string {
  if (refName(value)) return '';
  const schema = value as Schema;
  const inner = [schema.items, ...(schema.allOf ?? []), ...(schema.oneOf ?? [])].filter((part) => part !== undefined);
  const more = typeof schema.additionalProperties === 'object' ? [schema.additionalProperties] : [];
  return [
    schema.description ? markdown(schema.description) : '',
    limits(schema),
    members(schema),
    ...[...inner, ...more].map(describe),
  ].join('');
}

function members({ properties, required = [] }: Schema): string {
  if (!properties) return '';
  const rows = Object.entries(properties).map(([name, value]) => {
    const needed = required.includes(name) ? ' <span class="required">required</span>' : '';
    return `<dt><code>${escapeHtml(name)}</code> <span class="type">${typeOf(value)}</span>${needed}</dt><dd>${describe(value)}</dd>`;
  });
  return rows.length > 0 ? `<dl>${rows.join('')}</dl>` : '';
}

const depth = 8; // levels of an example; rules nest without end

/** Returns an example of a schema's values, made from the examples of its members. */
export function sample(value: Ref<Schema>, { components }: Document, level = 0): unknown {
  const schema = resolve(value, components.schemas);
  if (schema.example !== undefined) return schema.example;
  if (level > depth) return null;
  const of = (part: Ref<Schema>) => sample(part, { components } as Document, level + 1);
  if (schema.allOf) {
    const parts = schema.allOf.map(of);
    return parts.every(isObject) ? Object.assign({}, ...parts) : parts[0];
  }
  if (schema.oneOf?.[0]) return of(schema.oneOf[0]);
  if (schema.enum) return schema.enum[0];
  if (schema.default !== undefined) return schema.default;
  if (schema.properties)
    return Object.fromEntries(Object.entries(schema.properties).map(([name, part]) => [name, of(part)]));
  if (schema.type === 'array') return schema.items && level < depth - 2 ? [of(schema.items)] : [];
  if (schema.type === 'object') return {};
  if (schema.nullable) return null;
  return (
    { string: 'text', integer: schema.minimum ?? 1, number: schema.minimum ?? 1, boolean: true }[schema.type ?? ''] ??
    null
  );
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
