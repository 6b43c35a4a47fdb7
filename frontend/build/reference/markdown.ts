const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Returns the text with the characters escaped that HTML gives a meaning. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (c) => escapes[c] ?? c);
}

/** Renders code spans and bold text. */
export function inline(text: string): string {
  return text
    .split(/(`[^`]+`)/)
    .map((part) =>
      part.length > 2 && part.startsWith('`')
        ? `<code>${escapeHtml(part.slice(1, -1))}</code>`
        : escapeHtml(part).replace(/\*\*([^*]+)\*\*/g, '<strong>$1</strong>'),
    )
    .join('');
}

/** Renders the Markdown of the OpenAPI document: paragraphs, lists, indented code, code spans and bold text. */
export function markdown(text: string): string {
  return text
    .trim()
    .split(/\n{2,}/)
    .map(block)
    .join('');
}

function block(text: string): string {
  const lines = text.split('\n');
  if (lines.every((line) => line.startsWith('    ')))
    return `<pre tabindex="0"><code>${escapeHtml(lines.map((line) => line.slice(4)).join('\n'))}</code></pre>`;
  const first = lines.findIndex((line) => line.startsWith('- '));
  if (first < 0) return `<p>${inline(lines.join(' '))}</p>`;
  const before = first > 0 ? `<p>${inline(lines.slice(0, first).join(' '))}</p>` : '';
  const items = lines
    .slice(first)
    .map((line) => line.trim())
    .join('\n')
    .split(/^- /m)
    .filter(Boolean)
    .map((item) => `<li>${inline(item.trim().replaceAll('\n', ' '))}</li>`);
  return `${before}<ul>${items.join('')}</ul>`;
}
