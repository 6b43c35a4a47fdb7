import '@/shared/theme/fonts.css';
import '@/shared/theme/tokens.css';
import '@/shared/theme/base.css';
import '@mantine/core/styles.layer.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Providers } from './providers';

const app = document.querySelector('#app');
if (!app) throw new Error('The page has no #app.');

createRoot(app).render(
  <StrictMode>
    <Providers />
  </StrictMode>,
);
