const space = 'http://www.w3.org/2000/svg';

// Widths of the cells of each row, in units of the picture; the sixth row is the one that leaves.
const rows = [
  [74, 118, 46, 92, 60],
  [52, 96, 70, 44, 104],
  [88, 60, 112, 54, 72],
  [64, 104, 40, 86, 94],
  [96, 52, 80, 66, 58],
  [58, 84, 98, 48, 90],
  [80, 66, 56, 110, 50],
  [46, 108, 72, 60, 84],
  [92, 58, 64, 88, 70],
  [60, 90, 104, 42, 76],
  [70, 74, 52, 96, 62],
];
const leaving = 5;

/** Draws the idea of the product: rows of cells in a box, one of them on its way out. Decoration: hidden from readers. */
export function picture(): SVGSVGElement {
  const svg = document.createElementNS(space, 'svg');
  svg.setAttribute('viewBox', '0 0 760 640');
  svg.setAttribute('aria-hidden', 'true');
  const frame = document.createElementNS(space, 'path');
  frame.setAttribute(
    'd',
    'M600 268V60a16 16 0 0 0-16-16H40a16 16 0 0 0-16 16v520a16 16 0 0 0 16 16h544a16 16 0 0 0 16-16V358',
  );
  svg.append(frame);
  rows.forEach((cells, row) => {
    let x = row === leaving ? 250 : 64;
    for (const width of cells) {
      const cell = document.createElementNS(space, 'rect');
      const box = { x, y: 92 + row * 44, width, height: 14, rx: 3 };
      for (const [name, value] of Object.entries(box)) cell.setAttribute(name, String(value));
      if (row === leaving) cell.setAttribute('class', 'out');
      svg.append(cell);
      x += width + 12;
    }
  });
  return svg;
}
