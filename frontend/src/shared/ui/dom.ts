type Child = Node | string | null;

/** Makes an element. Text only ever becomes text nodes, so data cannot become markup. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Record<string, string> = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children.filter((child) => child !== null));
  return element;
}

const shapes = {
  alert: ['M12 8v5M12 16v.01', 'M12 3a9 9 0 1 0 0 18a9 9 0 0 0 0-18'],
  ban: ['M12 3a9 9 0 1 0 0 18a9 9 0 0 0 0-18', 'M5.7 5.7l12.6 12.6'],
  check: ['M12 3a9 9 0 1 0 0 18a9 9 0 0 0 0-18', 'M8.5 12.2l2.5 2.5l4.5-5'],
  clock: ['M12 3a9 9 0 1 0 0 18a9 9 0 0 0 0-18', 'M12 7v5l3 2'],
  download: ['M4 16v3a1.5 1.5 0 0 0 1.5 1.5h13a1.5 1.5 0 0 0 1.5-1.5v-3', 'M7.5 11l4.5 4.5l4.5-4.5M12 4v11'],
  warning: ['M12 4l9 16h-18z', 'M12 10v4M12 17v.01'],
} as const;

/** The name of a drawn sign. */
export type Icon = keyof typeof shapes;

/** Makes a 16 px sign in the colour of the words beside it, which say the same. */
export function icon(name: Icon): SVGSVGElement {
  const space = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(space, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  for (const d of shapes[name]) {
    const path = document.createElementNS(space, 'path');
    path.setAttribute('d', d);
    svg.append(path);
  }
  return svg;
}
