/** The name of a file's manifest, as it lies beside the file. */
export function manifestName(file: string): string {
  return `${file}.manifest.json`;
}

/** Lets the browser save a text as a file. */
export function saveText(text: string, name: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
  const link = Object.assign(document.createElement('a'), { href: url, download: name });
  link.click();
  URL.revokeObjectURL(url);
}
