declare module 'js-yaml' {
  /** Parses one YAML document. Throws if the text is not valid. */
  export function load(text: string): unknown;
}
