/** A mail's page for a frame: what it links to opens outside. */
export function framed(html: string): string {
  const target = '<base target="_blank">';
  return html.includes('<head>') ? html.replace('<head>', `<head>${target}`) : target + html;
}
