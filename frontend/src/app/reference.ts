import '@/shared/ui/fonts.css';
import '@/shared/ui/tokens.css';
import '@/shared/ui/base.css';
import 'swagger-ui-dist/swagger-ui.css';
import './reference.css';
import SwaggerUI from 'swagger-ui-dist/swagger-ui-es-bundle.js';

// Swagger UI has a dark mode of its own, by a class.
const dark = matchMedia('(prefers-color-scheme: dark)');
const follow = () => document.documentElement.classList.toggle('dark-mode', dark.matches);
dark.addEventListener('change', follow);
follow();

SwaggerUI({
  url: '/v4/openapi.yaml',
  dom_id: '#reference',
  validatorUrl: null, // no other host hears of this API
  deepLinking: true,
  docExpansion: 'list',
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  syntaxHighlight: { activated: false },
});
