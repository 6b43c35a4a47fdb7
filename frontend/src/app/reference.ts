import '@/shared/theme/fonts.css';
import '@/shared/theme/tokens.css';
import '@/shared/theme/base.css';
import 'swagger-ui-dist/swagger-ui.css';
import './reference.css';
import SwaggerUI from 'swagger-ui-dist/swagger-ui-es-bundle.js';

// Swagger UI has a dark mode of its own, by a class; theme.js keeps the attribute.
const root = document.documentElement;
const follow = () => root.classList.toggle('dark-mode', root.dataset.mantineColorScheme === 'dark');
new MutationObserver(follow).observe(root, { attributeFilter: ['data-mantine-color-scheme'] });
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
