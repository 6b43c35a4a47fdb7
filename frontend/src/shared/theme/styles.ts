// The style sheets of every page of the console. A build splits that of Mantine (frontend/build/component-styles.ts).
import './fonts.css';
import './tokens.css';
import './base.css';
import '@mantine/core/styles.layer.css';
import 'virtual:theme-variables.css';
