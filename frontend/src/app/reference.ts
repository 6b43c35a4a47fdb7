import '@/shared/theme/fonts.css';
import '@/shared/theme/tokens.css';
import '@/shared/theme/base.css';
import 'swagger-ui-dist/swagger-ui.css';
import './reference.css';
import SwaggerUI from 'swagger-ui-dist/swagger-ui-es-bundle.js';

// Swagger UI has its own dark mode, switched by a class. theme.js sets the attribute.
const root = document.documentElement;
const follow = () => root.classList.toggle('dark-mode', root.dataset.mantineColorScheme === 'dark');
new MutationObserver(follow).observe(root, { attributeFilter: ['data-mantine-color-scheme'] });
follow();

SwaggerUI({
  url: '/v4/openapi.yaml',
  dom_id: '#reference',
  validatorUrl: null, // sends nothing to another host
  deepLinking: true,
  docExpansion: 'list',
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  syntaxHighlight: { activated: false },
});
