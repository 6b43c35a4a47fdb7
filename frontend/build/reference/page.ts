import {
  type Content,
  type Document,
  type Method,
  methods,
  type Operation,
  type Parameter,
  refName,
  resolve,
} from './document.ts';
import { escapeHtml, inline, markdown } from './markdown.ts';
import { describe, sample, schemaId, typeOf } from './schema.ts';

interface Entry {
  path: string;
  method: Method;
  operation: Operation;
  parameters: Parameter[];
}

/** Renders the API reference: navigation and content of the page. */
export function renderReference(document: Document): string {
  const entries = entriesOf(document);
  const sections = document.tags.map(({ name, description }) => ({
    id: `tag-${name.toLowerCase().replaceAll(' ', '-')}`,
    name,
    description,
    entries: entries.filter(({ operation }) => operation.tags[0] === name),
  }));
  const links = sections.map(({ id, name }) => `<li><a href="#${id}">${escapeHtml(name)}</a></li>`);
  const bodies = sections.map(
    ({ id, name, description, entries: own }) =>
      `<section id="${id}"><h2>${escapeHtml(name)}</h2>${markdown(description)}${own.map((entry) => operationOf(document, entry)).join('')}</section>`,
  );
  const schemas = Object.entries(document.components.schemas)
    .sort(([a], [b]) => a.localeCompare(b, 'en'))
    .map(
      ([name, schema]) =>
        `<details id="${schemaId(name)}"><summary><h3>${escapeHtml(name)}</h3></summary><div class="body">${typeLine(schema)}${describe(schema)}</div></details>`,
    );
  return `<nav aria-label="Sections"><ul><li><a href="#introduction">Introduction</a></li>${links.join('')}<li><a href="#schemas">Schemas</a></li></ul></nav>
<main><section id="introduction"><h1>${escapeHtml(document.info.title)}</h1>${markdown(document.info.description)}</section>
<search><label for="find">Find an operation</label><input id="find" type="search" placeholder="Path, method or word" autocomplete="off" /><p id="found" role="status"></p></search>
${bodies.join('\n')}
<section id="schemas"><h2>Schemas</h2><p>The objects that requests and responses contain.</p>${schemas.join('')}</section></main>`;
}

function entriesOf({ paths, components }: Document): Entry[] {
  return Object.entries(paths).flatMap(([path, item]) =>
    methods.flatMap((method) => {
      const operation = item[method];
      if (!operation) return [];
      const parameters = [...(item.parameters ?? []), ...(operation.parameters ?? [])];
      return [{ path, method, operation, parameters: parameters.map((one) => resolve(one, components.parameters)) }];
    }),
  );
}

function operationOf(document: Document, { path, method, operation, parameters }: Entry): string {
  const { operationId, summary, description, requestBody, responses, security } = operation;
  const body = requestBody && resolve(requestBody, document.components.requestBodies);
  const open = security?.length === 0 ? '<p class="limits">No authentication.</p>' : '';
  const answers = Object.entries(responses).map(([status, value]) => {
    const response = resolve(value, document.components.responses);
    return `<dt><code>${escapeHtml(status)}</code></dt><dd>${markdown(response.description)}${headersOf(response.headers)}${contentOf(document, response.content, status.startsWith('2'))}</dd>`;
  });
  return `<details class="operation" id="${escapeHtml(operationId)}"><summary><h3><span class="method" data-method="${method}">${method.toUpperCase()}</span> <code>${escapeHtml(path)}</code> <span class="summary">${inline(summary)}</span></h3></summary><div class="body">${open}${description ? markdown(description) : ''}${parametersOf(parameters)}${
    body
      ? `<h4>Request body</h4>${body.description ? markdown(body.description) : ''}${contentOf(document, body.content, true)}`
      : ''
  }<h4>Responses</h4><dl>${answers.join('')}</dl><p class="limits"><a href="#${escapeHtml(operationId)}">Link to this operation</a></p></div></details>`;
}

function parametersOf(parameters: Parameter[]): string {
  if (parameters.length === 0) return '';
  const rows = parameters.map(({ name, in: place, required, description, schema, example }) => {
    const needed = required ? ' <span class="required">required</span>' : '';
    const shown =
      example === undefined ? '' : `<p class="limits">Example <code>${escapeHtml(textOf(example))}</code></p>`;
    return `<dt><code>${escapeHtml(name)}</code> <span class="type">${typeOf(schema)}, ${escapeHtml(place)}</span>${needed}</dt><dd>${description ? markdown(description) : ''}${describe(schema)}${shown}</dd>`;
  });
  return `<h4>Parameters</h4><dl>${rows.join('')}</dl>`;
}

function headersOf(headers: Record<string, object> = {}): string {
  const rows = Object.entries(headers).map(([name, value]) => {
    const description = 'description' in value && typeof value.description === 'string' ? value.description : '';
    return `<li>Header <code>${escapeHtml(name)}</code>${description ? `: ${inline(description.trim().replaceAll('\n', ' '))}` : ''}</li>`;
  });
  return rows.length > 0 ? `<ul>${rows.join('')}</ul>` : '';
}

function contentOf(document: Document, content: Content | undefined, withExample: boolean): string {
  return Object.entries(content ?? {})
    .map(([type, { schema, example, examples }]) => {
      const made = schema && withExample && type === 'application/json' ? sample(schema, document) : undefined;
      const shown = examples
        ? Object.values(examples).map(({ summary = 'Example', value }) => exampleOf(summary, value))
        : [example ?? made].filter((value) => value !== undefined).map((value) => exampleOf('Example', value));
      const named = schema ? `${typeOf(schema)}, ` : '';
      return `<p class="type">${named}${escapeHtml(type)}</p>${schema && !refName(schema) ? describe(schema) : ''}${shown.join('')}`;
    })
    .join('');
}

function exampleOf(title: string, value: unknown): string {
  return `<figure><figcaption>${escapeHtml(title)}</figcaption><pre tabindex="0"><code>${escapeHtml(textOf(value))}</code></pre></figure>`;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value, null, 2);
}

function typeLine(schema: object): string {
  return `<p class="type">${typeOf(schema)}</p>`;
}
