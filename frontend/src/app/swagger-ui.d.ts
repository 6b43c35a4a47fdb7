declare module 'swagger-ui-dist/swagger-ui-es-bundle.js' {
  /** Renders the reference. Only the options that Egress uses are declared. */
  export default function SwaggerUI(options: {
    url: string;
    dom_id: string;
    validatorUrl: null;
    deepLinking: boolean;
    docExpansion: 'list' | 'full' | 'none';
    defaultModelsExpandDepth: number;
    displayRequestDuration: boolean;
    syntaxHighlight: { activated: boolean };
  }): void;
}
