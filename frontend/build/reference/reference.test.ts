import { expect, it } from 'vitest';
import { methods } from './document';
import { markdown } from './markdown';
import { renderReference } from './page';
import { readDocument } from './plugin';
import { limits, sample, typeOf } from './schema';

it('shows every operation and schema once, and every link leads to a place in the page', async () => {
  const document = await readDocument();
  const html = renderReference(document);
  const ids = [...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
  expect(new Set(ids).size).toBe(ids.length);
  const operations = Object.values(document.paths).flatMap((item) => methods.flatMap((method) => item[method] ?? []));
  expect(operations.length).toBeGreaterThan(100);
  const wanted = [
    ...operations.map(({ operationId }) => operationId),
    ...Object.keys(document.components.schemas).map((name) => `schema-${name}`),
  ];
  expect(wanted.filter((id) => !ids.includes(id))).toEqual([]);
  const links = [...html.matchAll(/ href="#([^"]+)"/g)].map(([, id]) => id);
  expect(links.filter((id) => !ids.includes(id))).toEqual([]);
});

it('renders paragraphs, lists and code, and escapes what HTML would read as markup', () => {
  expect(markdown('A **bold** word and `a < b`.\nThe same paragraph.\n\n    indented <code>\n')).toBe(
    '<p>A <strong>bold</strong> word and <code>a &lt; b</code>. The same paragraph.</p>' +
      '<pre tabindex="0"><code>indented &lt;code&gt;</code></pre>',
  );
  expect(markdown('- one\n  goes on\n- two & three')).toBe('<ul><li>one goes on</li><li>two &amp; three</li></ul>');
});

it('says types and limits in words', () => {
  expect(typeOf({ type: 'array', items: { $ref: '#/components/schemas/Job' }, nullable: true })).toBe(
    'array of <a href="#schema-Job">Job</a> or null',
  );
  expect(limits({ minimum: 1, maximum: 100, default: 25 })).toBe(
    '<p class="limits">Default <code>25</code> · 1 to 100</p>',
  );
  expect(limits({})).toBe('');
});

it('makes examples of schemas that contain themselves', async () => {
  const document = await readDocument();
  const group = {
    type: 'object',
    properties: { name: { type: 'string', example: 'x' }, part: { $ref: '#/components/schemas/Group' } },
  };
  document.components.schemas = { Group: group };
  const example = JSON.stringify(sample({ $ref: '#/components/schemas/Group' }, document));
  expect(example).toMatch(/^\{"name":"x","part":\{"name":"x"/);
  expect(example).toContain('"part":null');
});
