// The package has no types of its own.
declare module 'wawoff2' {
  /** Compresses an OpenType font to WOFF2. */
  export function compress(font: Uint8Array): Promise<Uint8Array>;
  /** Returns the OpenType font in a WOFF2 file. */
  export function decompress(file: Uint8Array): Promise<Uint8Array>;
}
